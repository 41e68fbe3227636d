import { newId, type LogId } from '@coppice/events'
import { fillWorkspace } from './fill-workspace.ts'
import { LoadRunner, type Saw } from './load-runner.ts'
import type { ServerReady } from './processes.ts'
import { prose, random } from './prose.ts'

const AT_ONCE = 500
const STEPS_A_TURN = 6

/**
 * Fills a workspace with sessions, the first of which is as long as a long day's work makes it: reading, commands,
 * changes with their patches, and answers with lists and code. So many rows stand in that one, and none in the others.
 */
export async function longSession(
  ready: ServerReady,
  rows: number,
  others: number,
): Promise<{ log: LogId; session: string }> {
  const { log, sessionIds } = await fillWorkspace(ready, 1 + others, 0, () => '')
  const session = sessionIds[0]
  if (session === undefined) throw new Error('the workspace has no session')
  const runner = await LoadRunner.connect(ready)
  const next = random(42)
  const pick = (n: number): number => Math.floor(next() * n)
  const { text } = prose(42)
  const answer = (): string =>
    [
      text(20 + pick(60)),
      `- ${text(12)}\n- **${text(8)}**`,
      `\`\`\`ts\nconst ${text(1)} = ${pick(99)}\n\`\`\``,
      text(30),
    ]
      .slice(0, 1 + pick(4))
      .join('\n\n')
  let waiting: Saw[] = []
  let turnId = newId()
  for (let row = 0; row < rows; row += 1) {
    if (row % STEPS_A_TURN === 0) turnId = newId()
    waiting.push(...(pick(4) === 0 || row === rows - 1 ? said(session, turnId, answer()) : used(session, turnId)))
    if (waiting.length < AT_ONCE - 1) continue
    await runner.observe(log, waiting)
    waiting = []
  }
  if (waiting.length > 0) await runner.observe(log, waiting)
  runner.close()
  return { log, session }

  function used(of: string, turn: string): Saw[] {
    const toolId = newId()
    const family = (['read', 'run', 'edit'] as const)[pick(3)] ?? 'read'
    const target = `src/${text(1)}.ts`
    const output = family === 'run' ? Array.from({ length: pick(30) }, () => text(12)).join('\n') : ''
    const patch = `@@ -1,2 +1,2 @@\n-const a = ${pick(9)}\n+const a = ${pick(99)}\n rest\n`
    const changes = [{ path: target, additions: 1, deletions: 1, patch, cut: false }]
    const ended = { toolId, turnId: turn, outcome: 'done', durationMs: 120, output, omittedChars: 0 } as const
    return [
      { session: of, type: 'tool.started', data: { toolId, turnId: turn, family, title: family, target } },
      { session: of, type: 'tool.finished', data: { ...ended, ...(family === 'edit' && { changes }) } },
    ]
  }
}

function said(session: string, turnId: string, text: string): Saw[] {
  const data = { messageId: newId(), turnId, kind: 'agent', completeness: 'whole', text } as const
  return [{ session, type: 'message.added', data }]
}
