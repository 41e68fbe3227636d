import { newId } from '@coppice/events'
import { addWorkspace, registerRunner, setDefault, settle } from './acts.ts'
import { providers } from './harbor-providers.ts'
import { rateLimit } from './rate-limit.ts'
import { ask, begin, checkpoint, endTurn, turn } from './session-beats.ts'
import { StandInServer } from './stand-in-server.ts'

const MINUTE = 60_000
const people = [
  { userId: 'mara', name: 'mara' },
  { userId: 'jo', name: 'jo' },
  { userId: 'ines', name: 'ines' },
]

/** The workspaces and sessions that the design shows, told through real commands and observations. */
export function harbor(now: number): StandInServer {
  const server = new StandInServer({ userId: 'mara', name: 'mara' })
  settle(server, now - 40 * 24 * 60 * MINUTE, people)
  registerRunner(server, now - 30 * 24 * 60 * MINUTE, providers)
  addWorkspace(server, now - 9 * 24 * 60 * MINUTE, 'harbor', 'harbor-api', people.slice(1))
  addWorkspace(server, now - 8 * 24 * 60 * MINUTE, 'notes', 'field-notes', people.slice(1, 2))
  for (const toggle of ['edge_cases', 'code_review', 'verification', 'tests'] as const)
    setDefault(server, 'harbor', toggle, now - 8 * 24 * 60 * MINUTE)
  small(server, 'notes', 'webgpu', 'Try WebGPU tiles', 'gemini', now - 25 * 60 * MINUTE, {
    additions: 0,
    deletions: 0,
    usd: 0.0517,
    end: 'canceled',
  })
  small(server, 'notes', 'bundle', 'Shrink the map bundle', 'codex', now - 180 * MINUTE, {
    additions: 28,
    deletions: 1204,
    usd: 0.6402,
    end: 'done',
  })
  small(server, 'notes', 'dark', 'Dark mode for the form editor', 'kilo', now - 300 * MINUTE, {
    additions: 77,
    deletions: 52,
    usd: 0.3871,
  })
  small(server, 'notes', 'guide', 'A guide for new contributors', 'kilo', now - 310 * MINUTE, {
    additions: 120,
    deletions: 4,
    usd: 0.3871,
    budget: 0.38,
  })
  small(server, 'harbor', 'retries', 'Why do retries double-charge?', 'claude-code', now - 120 * MINUTE, {
    additions: 0,
    deletions: 0,
    usd: 0.0934,
    chat: true,
  })
  small(server, 'harbor', 'fastify', 'Upgrade fastify to 5, drop the compat shim', 'opencode', now - 6 * MINUTE, {
    additions: 911,
    deletions: 640,
    usd: 3.05,
    fail: true,
  })
  small(server, 'harbor', 'tests', 'Fix the failing tests', 'qwen', now - 4 * MINUTE, {
    additions: 33,
    deletions: 9,
    usd: 0.2208,
    working: true,
  })
  paging(server, now - 22 * MINUTE)
  rateLimit(server, now)
  server.presence.set('limit', people.slice(0, 2))
  server.presence.set('paging', people.slice(2))
  return server
}

interface Small {
  additions: number
  deletions: number
  usd: number
  /** USD; one that is used up holds the next message. */
  budget?: number
  chat?: boolean
  fail?: boolean
  working?: boolean
  end?: 'done' | 'canceled'
}

function small(
  server: StandInServer,
  workspaceId: string,
  id: string,
  name: string,
  provider: string,
  at: number,
  what: Small,
): void {
  const script = begin(server, workspaceId, id, name, provider, at - 30_000, what.chat)
  const turnId = turn(script, name)
  script.saw('message.added', {
    messageId: newId(),
    turnId,
    kind: 'agent',
    text: 'I looked at it and made the change.',
    completeness: 'whole',
  })
  checkpoint(script, what.additions, what.deletions)
  script.at = at
  endTurn(
    script,
    turnId,
    provider,
    what.usd,
    what.fail
      ? 'OpenCode signed out in mid-turn. 3 tool calls had ended and are kept; the tree is at checkpoint 17.'
      : undefined,
  )
  if (what.budget) {
    const budget = { unit: 'usd' as const, limit: what.budget }
    script.person('session.setBudget', { budget })
    script.person('message.send', { messageId: newId(), text: 'And the preview, please.' })
    script.saw('budget.held', { holdId: newId(), scope: 'session', unit: 'usd', spent: what.usd, limit: what.budget })
  }
  if (what.working) turn(script, 'And the two in src/limits')
  if (what.end) {
    script.person('session.end', { outcome: what.end })
    script.saw('session.ended', { outcome: what.end })
  }
}

function paging(server: StandInServer, at: number): void {
  const script = begin(server, 'harbor', 'paging', 'Move invoices to cursor paging', 'codex', at - 60_000)
  const turnId = turn(script, 'Invoices page by offset; use a cursor.', 'ines')
  checkpoint(script, 62, 48)
  script.at = at
  ask(
    script,
    turnId,
    newId(),
    'edit',
    'src/invoices/list.ts',
    '--- a/src/invoices/list.ts\n+++ b/src/invoices/list.ts\n@@ -18,2 +18,2 @@\n-const LIMIT = 50\n+const LIMIT = quotaFor(device)\n export const list = () => page(LIMIT)\n',
    'diff',
  )
}
