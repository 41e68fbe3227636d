import { newId } from '@coppice/events'
import { SessionScript } from './acts.ts'
import type { StandInServer } from './stand-in-server.ts'

/** Words a minute is for people; this is for looking at a stream. */
const WORD_MS = 60

/**
 * A runner that only plays: it makes no worktree and starts no agent, but everything it says arrives as from a real one.
 * Before the word `holdAt` it stops until it is let go on: what is to be seen meanwhile is there to be seen, however slow
 * the machine is.
 * @returns what lets it go on, then and from then on
 */
export function play(server: StandInServer, answer: string, holdAt?: string): () => void {
  const held = Promise.withResolvers<void>()
  server.onEvent((event) => {
    if (event.log === 'instance' || !event.stream.startsWith('session/')) return
    const script = new SessionScript(
      server,
      event.log.slice('workspace:'.length),
      event.stream.slice('session/'.length),
      Date.now(),
    )
    if (event.type === 'session.created') prepare(script)
    if (
      event.type === 'message.queued' ||
      event.type === 'worktree.ready' ||
      event.type === 'turn.ended' ||
      event.type === 'queue.released'
    )
      void start(script, answer, (word) => (word === holdAt ? held.promise : undefined))
    if (event.type === 'session.endRequested') {
      const outcome = event.data['outcome'] === 'done' ? ('done' as const) : ('canceled' as const)
      setTimeout(() => script.saw('session.ended', { outcome }), 150)
    }
    if (event.type === 'session.restoreRequested')
      setTimeout(() => script.saw('worktree.restored', { path: '/var/coppice/worktrees/x' }), 200)
    if (event.type === 'git.requested') {
      const operationId = String(event.data['operationId'])
      setTimeout(() => {
        script.saw('git.started', { operationId })
        script.saw('git.completed', { operationId, summary: 'Done' })
      }, 100)
    }
  })
  return held.resolve
}

function prepare(script: SessionScript): void {
  setTimeout(() => {
    script.at = Date.now()
    script.saw('worktree.ready', {
      branch: `coppice/${script.sessionId.slice(-6)}`,
      baseCommit: '3f2c1ab9d0',
      path: '/var/coppice/worktrees/x',
      durationMs: 120,
    })
  }, 120)
}

const busy = new Set<string>()

type BeforeWord = (word: string) => Promise<void> | undefined

async function start(script: SessionScript, answer: string, beforeWord: BeforeWord): Promise<void> {
  if (busy.has(script.sessionId)) return
  const messageId = script.server.nextQueued(script.address)
  if (messageId === undefined) return
  busy.add(script.sessionId)
  const turnId = newId()
  try {
    script.person('turn.start', { turnId, runId: newId(), messageId })
    await pause(200)
    await speak(script, turnId, answer, beforeWord)
    const toolId = newId()
    script.at = Date.now()
    script.saw('tool.started', { toolId, turnId, family: 'run', title: 'Run', target: 'node --test' })
    await pause(400)
    script.at = Date.now()
    script.saw('tool.finished', {
      toolId,
      turnId,
      outcome: 'done',
      exitCode: 0,
      durationMs: 400,
      output: 'ok 1 - a ring is a year\n',
      omittedChars: 0,
    })
    script.saw('turn.ended', { turnId, messageIds: [messageId], outcome: 'completed', durationMs: 1_000 })
  } finally {
    busy.delete(script.sessionId)
  }
}

async function speak(script: SessionScript, turnId: string, answer: string, beforeWord: BeforeWord): Promise<void> {
  const messageId = newId()
  let offset = 0
  for (const word of answer.match(/\S+\s*/g) ?? []) {
    await beforeWord(word.trim())
    script.server.live({
      t: 'live',
      log: `workspace:${script.workspaceId}`,
      session: script.sessionId,
      items: [{ kind: 'text', itemId: messageId, channel: 'agent', turnId, offset, text: word, at: Date.now() }],
    })
    offset += word.length
    await pause(WORD_MS)
  }
  script.at = Date.now()
  script.saw('message.added', { messageId, turnId, kind: 'agent', text: answer, completeness: 'whole' })
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
