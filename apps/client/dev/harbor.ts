import { newId, type ToolFamily } from '@coppice/events'
import { addWorkspace, registerRunner, SessionScript, settle } from './acts.ts'
import { StandInServer } from './stand-in-server.ts'

const MINUTE = 60_000
const people = [
  { userId: 'mara', name: 'mara' },
  { userId: 'jo', name: 'jo' },
  { userId: 'ines', name: 'ines' },
]

const models = (...ids: string[]) => ids.map((id) => ({ id, name: id }))
const providers = [
  {
    id: 'claude-code',
    name: 'Claude Code',
    available: true,
    reason: '',
    version: '2.0.41',
    models: models('sonnet-4.5', 'opus-4.1'),
  },
  {
    id: 'coppice-code',
    name: 'Coppice Code',
    available: true,
    reason: '',
    version: '0.1',
    models: models('gpt-5', 'local'),
  },
  { id: 'codex', name: 'Codex', available: true, reason: '', version: '0.58', models: models('gpt-5-codex') },
  {
    id: 'gemini',
    name: 'Gemini CLI',
    available: false,
    reason: 'Found on oak-2, signed out. Run gemini once there and sign in.',
    version: '0.61',
    models: [],
  },
  {
    id: 'opencode',
    name: 'OpenCode',
    available: false,
    reason: 'Not found on oak-2. Install: npm install -g opencode-ai',
    version: '',
    models: [],
  },
  { id: 'script', name: 'Script', available: true, reason: '', version: '1', models: models('script') },
]

/** The workspaces and sessions that the design shows, told through real commands and observations. */
export function harbor(now: number): StandInServer {
  const server = new StandInServer({ userId: 'mara', name: 'mara' })
  settle(server, now - 40 * 24 * 60 * MINUTE, people)
  registerRunner(server, now - 30 * 24 * 60 * MINUTE, providers)
  addWorkspace(server, now - 9 * 24 * 60 * MINUTE, 'harbor', 'harbor-api', people.slice(1))
  addWorkspace(server, now - 8 * 24 * 60 * MINUTE, 'notes', 'field-notes', people.slice(1, 2))
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
  chat?: boolean
  fail?: boolean
  working?: boolean
  end?: 'done' | 'canceled'
}

function begin(
  server: StandInServer,
  workspaceId: string,
  sessionId: string,
  name: string,
  provider: string,
  at: number,
  chat = false,
): SessionScript {
  const script = new SessionScript(server, workspaceId, sessionId, at)
  script.person('session.create', {
    sessionId,
    workspaceId,
    name,
    mode: chat ? 'chat' : 'develop',
    provider,
    model: providers.find((one) => one.id === provider)?.models[0]?.id ?? '',
    baseBranch: 'main',
    stepMode: 'manual',
  })
  script.later(1_800).saw('worktree.ready', {
    branch: `coppice/${name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 30)}`,
    baseCommit: '3f2c1ab9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f',
    path: `/var/coppice/worktrees/${sessionId}`,
    durationMs: 1_800,
  })
  return script
}

function turn(script: SessionScript, text: string, userId?: string): string {
  const messageId = newId()
  const turnId = newId()
  script.person('message.send', { messageId, text }, userId)
  script.later(300).person('turn.start', { turnId, runId: newId(), messageId })
  turns.set(turnId, messageId)
  return turnId
}
const turns = new Map<string, string>()

function endTurn(script: SessionScript, turnId: string, provider: string, usd: number, failed?: string): void {
  script.saw('turn.ended', {
    turnId,
    messageIds: [turns.get(turnId) ?? ''],
    outcome: failed === undefined ? 'completed' : 'failed',
    ...(failed !== undefined && { message: failed }),
    durationMs: 60_000,
    usage: {
      provider,
      model: 'm',
      inputTokens: 108_000,
      outputTokens: 18_900,
      cacheReadTokens: 1_132_000,
      cacheWriteTokens: 0,
      usd,
      source: 'reported',
      contextUsed: 142_600,
      contextLimit: 200_000,
    },
  })
}

function checkpoint(script: SessionScript, additions: number, deletions: number): void {
  const files =
    additions + deletions === 0
      ? []
      : [{ path: 'src/hooks/route.ts', status: 'modified' as const, additions, deletions }]
  script.saw('checkpoint.created', {
    checkpointId: newId(),
    commit: 'c'.repeat(40),
    tree: 't'.repeat(40),
    reason: 'turn_end',
    additions,
    deletions,
    fileCount: files.length,
    files,
  })
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
  if (what.working) turn(script, 'And the two in src/limits')
  if (what.end) {
    script.person('session.end', { outcome: what.end })
    script.saw('session.ended', { outcome: what.end })
  }
}

function ask(
  script: SessionScript,
  turnId: string,
  toolId: string,
  family: ToolFamily,
  target: string,
  detail: string,
  detailKind: 'command' | 'diff',
): void {
  script.saw('tool.started', { toolId, turnId, family, title: family, target })
  script.saw('approval.requested', {
    approvalId: newId(),
    toolId,
    turnId,
    family,
    title: family,
    target,
    detail,
    detailKind,
    rule: { family, target },
  })
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
function rateLimit(server: StandInServer, now: number): void {
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
}
