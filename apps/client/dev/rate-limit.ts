import { newId, type ToolFamily } from '@coppice/events'
import { ask, begin, checkpoint, endTurn, turn } from './session-beats.ts'
import type { StandInServer } from './stand-in-server.ts'

const MINUTE = 60_000

const patch = `@@ -40,5 +40,8 @@
   const { db } = app
   app.post('/hooks/:sender', async (req, reply) => {
-    await accept(req.params.sender, req.body)
+    const grant = await takeToken(db, req.params.sender)
+    if (!grant.ok) return refuse(reply, grant.retryAfterMs)
+    await accept(req.params.sender, req.body, grant)
     return reply.code(202).send()
   })
`

/** The session the design shows in full. */
export function rateLimit(server: StandInServer, now: number): void {
  const script = begin(server, 'harbor', 'limit', 'Rate limit the webhook endpoint', 'claude-code', now - 41 * MINUTE)
  const before = turn(script, 'Where are webhooks taken in?')
  script.later(60_000).saw('message.added', {
    messageId: newId(),
    turnId: before,
    kind: 'agent',
    text: 'In `src/hooks/route.ts`:\n\n| route | guard |\n|---|:-:|\n| `POST /hooks/:sender` | none |\n| `POST /login` | **10 a minute** |\n\n1. The route parses the body\n2. `accept()` stores it\n   - twice, on a retry\n\n```ts\nexport const hooks: FastifyPluginAsync = async (app) => {\n  app.post("/hooks/:sender", accept)\n}\n```\n\n> Nothing limits a sender today. See [the RFC](https://www.rfc-editor.org/rfc/rfc6585).',
    completeness: 'whole',
  })
  endTurn(script, before, 'claude-code', 1.87)
  script.at = now - 38 * MINUTE
  const turnId = turn(
    script,
    'One noisy sender can starve the rest: put a limit on `POST /hooks/:sender`, per sender, with a burst. It has to survive a restart, and a refused call must say when to come back. Ticket HB-42 has the numbers.',
  )
  script.later(8_000).saw('message.added', {
    messageId: newId(),
    turnId,
    kind: 'thinking',
    text: "A token bucket per sender fits; the refill must not depend on one process's clock.\n\nSo the database's clock decides, in one statement.",
    completeness: 'whole',
    durationMs: 8_000,
  })
  script.later(2_000).saw('message.added', {
    messageId: newId(),
    turnId,
    kind: 'agent',
    text: 'The route is registered in `src/hooks/route.ts` and has no guard at all today. I will read how the other limits are built and then add a bucket per sender in Postgres, so that two API processes share it.',
    completeness: 'whole',
  })
  const tool = (family: ToolFamily, target: string, ms: number, more: object = {}, parentId?: string) => {
    const toolId = newId()
    script.saw('tool.started', { toolId, turnId, family, title: family, target, ...(parentId && { parentId }) })
    script
      .later(ms)
      .saw('tool.finished', { toolId, turnId, outcome: 'done', durationMs: ms, output: '', omittedChars: 0, ...more })
    return toolId
  }
  for (const name of [
    'src/hooks/route.ts',
    'src/limits/login-limit.ts',
    'src/limits/index.ts',
    'db/schema.prisma',
    'src/app.ts',
    'src/hooks/accept.ts',
    'package.json',
  ])
    tool('read', name, 150, { output: 'export const x = 1\n' })
  tool('search', '429|Retry-After', 300, { output: '11 matches' })
  script.saw('plan.updated', {
    turnId,
    planId: newId(),
    entries: [
      { text: 'Table hook_bucket and migration', status: 'done' },
      { text: "Take a token in one statement, refill by the database's clock", status: 'done' },
      { text: 'Guard the route; 429 with Retry-After', status: 'done' },
      { text: 'Run the migration and the concurrency test', status: 'in_progress' },
      { text: 'Metrics: refused calls by sender', status: 'pending' },
      { text: 'Docs: limits page', status: 'pending' },
    ],
  })
  tool('edit', 'src/hooks/route.ts', 200, {
    changes: [{ path: 'src/hooks/route.ts', additions: 3, deletions: 1, patch, cut: false }],
  })
  tool('run', 'pnpm test src/hooks', 3_400, {
    exitCode: 0,
    output: ' PASS  src/hooks/route.test.ts\n Tests  14 passed\n',
  })
  tool('run', 'pnpm test:db --filter bucket', 4_100, {
    outcome: 'failed',
    exitCode: 1,
    output:
      ' FAIL  src/limits/bucket.db.test.ts > two processes never grant more than the burst\n error: relation "hook_bucket" does not exist\n Tests  1 failed, 7 passed (8)\n',
  })
  script.later(4_000).saw('message.added', {
    messageId: newId(),
    turnId,
    kind: 'agent',
    text: 'Both failures have one cause: the migration is written but not applied in this worktree. While it waits for you, a sub-agent checks what other callers of `accept()` assume.',
    completeness: 'whole',
  })
  const agent = newId()
  script.saw('tool.started', {
    toolId: agent,
    turnId,
    family: 'agent',
    title: 'Sub-agent',
    target: 'Check the callers of accept()',
  })
  tool('search', 'accept\\(', 200, { output: '6 matches' }, agent)
  const inner = tool('agent', 'Replay worker', 12_000, {}, agent)
  tool('read', 'src/replay/worker.ts', 100, { output: '' }, inner)
  const running = newId()
  script.at = now - 12_000
  script.saw('tool.started', {
    toolId: running,
    turnId,
    family: 'run',
    title: 'run',
    target: 'pnpm vitest run src/replay --reporter=dot',
    parentId: agent,
  })
  setTimeout(
    () =>
      server.live({
        t: 'live',
        log: 'workspace:harbor',
        session: 'limit',
        items: [
          {
            kind: 'text',
            itemId: running,
            channel: 'output',
            turnId,
            offset: 0,
            text: '·················  17/23  src/replay/worker.test.ts',
            at: now,
          },
        ],
      }),
    1_500,
  )
  checkpoint(script, 184, 37)
  script.at = now - 40_000
  ask(
    script,
    turnId,
    newId(),
    'run',
    'pnpm prisma migrate deploy --schema db/schema.prisma',
    'pnpm prisma migrate deploy --schema db/schema.prisma',
    'command',
  )
  script.person('message.send', { messageId: newId(), text: 'Then add the sender name to the refusal log line' })
  script.person(
    'message.send',
    { messageId: newId(), text: 'Docs: say that the burst is per sender, not per key' },
    'jo',
  )
  const place = {
    path: 'src/hooks/route.ts',
    side: 'after' as const,
    line: 42,
    endLine: 42,
    quote: ['    if (!grant.ok) return refuse(reply, grant.retryAfterMs)'],
    above: ['    const grant = await takeToken(db, req.params.sender)'],
    below: ['    await accept(req.params.sender, req.body, grant)'],
  }
  const first = newId()
  const text =
    'Round the wait up to whole seconds: Retry-After has no fraction, and rounding down makes the sender come back too soon.'
  script.at = now - 4 * MINUTE
  script.person('comment.add', { commentId: first, text, place }, 'jo')
  script.at = now
  script.person('comment.add', { commentId: newId(), text: 'Yes, and add a test for 1 ms.', replyTo: first }, 'mara')
}
