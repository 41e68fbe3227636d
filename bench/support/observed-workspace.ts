import { newId, type LogId } from '@coppice/events'
import { fillWorkspace } from './fill-workspace.ts'
import { LoadRunner, type Saw } from './load-runner.ts'
import type { ServerReady } from './processes.ts'

const AT_ONCE = 500

/** Fills a workspace with sessions in which an agent has answered: so many messages each, as a runner reports them. */
export async function observedWorkspace(
  ready: ServerReady,
  sessions: number,
  messagesEach: number,
  text: (message: number) => string,
): Promise<{ log: LogId; sessionIds: readonly string[] }> {
  const made = await fillWorkspace(ready, sessions, 0, text)
  const runner = await LoadRunner.connect(ready)
  let waiting: Saw[] = []
  for (const [s, session] of made.sessionIds.entries()) {
    for (let m = 0; m < messagesEach; m += 1) {
      const messageId = newId()
      const said = { messageId, turnId: newId(), kind: 'agent', completeness: 'whole', durationMs: 1_000 } as const
      waiting.push({ session, type: 'message.added', data: { ...said, text: text(s * messagesEach + m) } })
      if (waiting.length < AT_ONCE) continue
      await runner.observe(made.log, waiting)
      waiting = []
    }
  }
  if (waiting.length > 0) await runner.observe(made.log, waiting)
  runner.close()
  return made
}
