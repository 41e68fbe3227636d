import {
  botStream,
  groupStream,
  makeCommand,
  newId,
  WORKSPACE_STREAM,
  workspaceLog,
  type ChangedFile,
} from '@coppice/events'
import { addWorkspace, registerRunner, settle } from './acts.ts'
import { providers } from './harbor-providers.ts'
import { begin, endTurn, turn } from './session-beats.ts'
import { StandInServer } from './stand-in-server.ts'

const MINUTE = 60_000
const PROMPT = 'Name colours by role, not by hue'

interface Try {
  readonly provider: string
  readonly usd: number
  readonly words: string
  readonly files: readonly ChangedFile[]
  readonly working?: boolean
}

const changed = (path: string, additions: number, deletions: number): ChangedFile => ({
  path,
  status: 'modified',
  additions,
  deletions,
})

const tries: readonly Try[] = [
  {
    provider: 'claude-code',
    usd: 0.8231,
    words:
      'Every colour is a role now, and both themes define all of them. I found three hues that stood for two things each; I split them. The check in scripts/contrast.ts fails when a pair goes under 4.5:1.',
    files: [changed('src/hooks/route.ts', 64, 71), changed('src/limits/bucket.ts', 48, 0)],
  },
  {
    provider: 'codex',
    usd: 0.4102,
    words: 'Renamed the variables. The light theme keeps its old values.',
    files: [changed('src/hooks/route.ts', 31, 31)],
  },
  {
    provider: 'qwen',
    usd: 0.0914,
    words: 'I am looking at where the hues are used.',
    files: [changed('src/hooks/route.ts', 12, 4), changed('docs/colours.md', 20, 0)],
    working: true,
  },
]

/** One prompt that three agents work on: two are done, one works; and a bot. */
export function group(now: number): StandInServer {
  const server = new StandInServer({ userId: 'mara', name: 'mara' })
  settle(server, now - 40 * 24 * 60 * MINUTE, [{ userId: 'mara', name: 'mara' }])
  registerRunner(server, now - 30 * 24 * 60 * MINUTE, providers)
  addWorkspace(server, now - 9 * 24 * 60 * MINUTE, 'notes', 'field-notes', [])
  const address = { log: workspaceLog('notes'), stream: groupStream('colours') }
  const sessionIds = tries.map((one) => `colours-${one.provider}`)
  const data = { groupId: 'colours', workspaceId: 'notes', name: PROMPT, sessionIds }
  const at = now - 12 * MINUTE
  server.decide(makeCommand(address, 'group.create', data, { id: newId(), now: at }), 'mara', at)
  const bot = { botId: 'guide', workspaceId: 'notes', name: 'Guide to the house', prompt: 'You know where things are.' }
  const made = { ...bot, provider: 'claude-code', model: 'sonnet-4.5', readOnly: true }
  const place = { log: workspaceLog('notes'), stream: botStream('guide') }
  server.decide(makeCommand(place, 'bot.create', made, { id: newId(), now: at }), 'mara', at)
  asking(server, now - 2 * MINUTE)
  for (const { provider, usd, words, files, working } of tries) {
    const script = begin(server, 'notes', `colours-${provider}`, PROMPT, provider, at, false, 'colours')
    const turnId = turn(script, PROMPT)
    script.saw('message.added', { messageId: newId(), turnId, kind: 'agent', text: words, completeness: 'whole' })
    const [additions, deletions] = [sum(files, 'additions'), sum(files, 'deletions')]
    const kept = { commit: 'c0ffee', tree: 'cafe', reason: 'turn_end' as const, turnId, fileCount: files.length }
    script.saw('checkpoint.created', { checkpointId: newId(), ...kept, additions, deletions, files: [...files] })
    if (!working) endTurn(script, turnId, provider, usd)
  }
  return server
}

/** A session whose repository brings a script that nobody has said a word about. */
function asking(server: StandInServer, at: number): void {
  const script = begin(server, 'notes', 'script', 'Draw the tide tables', 'codex', at)
  const text = '#!/bin/bash\nset -e\nnpm ci\nnpm run build:tables\n'
  script.saw('setup.found', { setupId: 'tables', path: '.coppice/setup.sh', sha256: 'ab'.repeat(32), text })
  const refused = { path: '.coppice/setup.sh', sha256: 'cd'.repeat(32), trusted: false }
  const address = { log: workspaceLog('notes'), stream: WORKSPACE_STREAM }
  server.decide(makeCommand(address, 'workspace.trustScript', refused, { id: newId(), now: at }), 'mara', at)
}

const sum = (files: readonly ChangedFile[], side: 'additions' | 'deletions'): number =>
  files.reduce((all, file) => all + file[side], 0)
