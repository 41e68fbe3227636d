import { ranked, type AgentCommand, type QueryRequest, type ShownSecret } from '@coppice/protocol'

const route = `diff --git a/src/hooks/route.ts b/src/hooks/route.ts
@@ -38,7 +38,9 @@ export const hooks: FastifyPluginAsync = async (app) => {
 export const hooks = async (app) => {
   const { db } = app
   app.post('/hooks/:sender', async (req, reply) => {
-    await accept(req.params.sender, req.body)
+    const grant = await takeToken(db, req.params.sender)
+    if (!grant.ok) return refuse(reply, grant.retryAfterMs)
+    await accept(req.params.sender, req.body, grant)
     return reply.code(202).send()
   })
-  app.log.info('hooks ready')
+  app.log.info({ burst: BURST }, 'hooks ready, limited')
 }
`
const bucket = `@@ -0,0 +1,5 @@
+/** Refill is computed by the database's clock, so two processes cannot drift apart. */
+export async function takeToken(db: Db, sender: string, cost = 1): Promise<Grant> {
+  const [row] = await db.sql\`select 1\`
+  return row
+}
`

const PATCHES: Readonly<Record<string, string>> = { 'src/hooks/route.ts': route, 'src/limits/bucket.ts': bucket }

const changed = (path: string, additions: number, deletions: number, status = 'modified') => ({
  path,
  status,
  additions,
  deletions,
  binary: false,
  content: `${path} ${additions}`,
})
const CHANGED = [
  changed('db/schema.prisma', 1, 1),
  changed('pnpm-lock.yaml', 6, 28),
  changed('src/hooks/route.ts', 4, 2),
  changed('src/hooks/route.test.ts', 1, 1),
  changed('src/limits/bucket.ts', 5, 0, 'added'),
  { ...changed('docs/buckets.svg', 0, 0), binary: true },
]

const commitOf = (short: string, subject: string, files: number, additions: number, deletions: number) => ({
  id: short.padEnd(40, '0'),
  subject,
  body: '',
  author: 'mara',
  at: Date.now() - 900_000,
  files,
  additions,
  deletions,
})

const OLDER = commitOf('4c2b1a0', 'Refuse politely: Retry-After in whole seconds', 2, 32, 28)

const BUCKET_TEXT = `import type { Db } from '../db.ts'

/** Refill is computed by the database's clock, so two processes cannot drift apart. */
export async function takeToken(db: Db, sender: string, cost = 1): Promise<Grant> {
  const [row] = await db.sql\`select * from buckets where sender = \${sender} for update\`
  return row.tokens >= cost ? { ok: true } : { ok: false, retryAfterMs: 1_000 }
}
`

/** A picture of a bucket, filled to some height: what the changes and the editor show of a picture. */
const bucketPicture = (level: number): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="240" height="160" viewBox="0 0 240 160"><path d="M70 30h100l-14 100H84z" fill="none" stroke="#5b7d95" stroke-width="4"/><rect x="85" y="${129 - level}" width="70" height="${level}" fill="#7aa86b"/></svg>`

const FILES = [
  'README.md',
  'docs/buckets.svg',
  'package.json',
  'src/hooks/route.ts',
  'src/hooks/senders/a sender with spaces.ts',
  'src/limits/bucket.ts',
  'src/limits/bucket.db.test.ts',
  'src/limits/login-limit.ts',
  'src/limits/a/rather/deep/folder/with/a/long/name/bucket.ts',
]
const COMMANDS: readonly AgentCommand[] = [
  { text: '/compact', description: 'Summarise the conversation to make room', kind: 'command', from: 'agent' },
  { text: '/review', description: 'Reads a change as a colleague would', kind: 'command', from: 'worktree' },
  { text: '/release-notes', description: 'Writes what users will notice', kind: 'skill', from: 'worktree' },
  { text: '/diagrams', description: 'Draws how things hang together', kind: 'skill', from: 'home' },
]

const SECRETS: readonly ShownSecret[] = [
  { name: 'ANTHROPIC_API_KEY', length: 'more than 64', at: Date.now() - 86_400_000 * 3, by: 'mara', unreadable: false },
  { name: 'STAGING_DATABASE_PASSWORD', length: '17 to 64', at: Date.now() - 7_200_000, by: 'jonas', unreadable: false },
  { name: 'OLD_TOKEN', length: '8 to 16', at: Date.now() - 86_400_000 * 90, by: 'mara', unreadable: true },
]

/** What a runner would say of the fixture's worktrees. */
export function answerQuery(_log: string, request: QueryRequest): Promise<Record<string, unknown>> {
  switch (request.kind) {
    case 'repository.inspect':
      if (request.source.kind === 'path' && request.source.path !== '/home/mara/code/harbor-api')
        return Promise.resolve({
          ok: false,
          code: 'not_a_repository',
          message: `${request.source.path} is not a Git repository. Give the folder that holds .git, or make one there with git init.`,
        })
      return Promise.resolve({
        ok: true,
        name: request.source.kind === 'sample' ? 'tree-rings' : 'harbor-api',
        source:
          request.source.kind === 'sample' ? request.source : { kind: 'path', path: '/home/mara/code/harbor-api' },
        branches: ['main'],
        starterBranch: 'main',
        notes: ['2 uncommitted changes in the checkout stay out of sessions.'],
      })
    case 'repository.branches':
      return Promise.resolve({ ok: true, branches: ['main', 'release/2.4', 'spike/queue'], starterBranch: 'main' })
    case 'git.status':
      return Promise.resolve({
        ok: true,
        branch: 'coppice/rate-limit-the-webhook-endpoin',
        head: '9f8e7d6',
        aheadOfBase: 2,
        behindBase: 1,
        files: [
          { path: 'src/hooks/route.ts', index: 'M', worktree: ' ', additions: 9, deletions: 2 },
          { path: 'src/limits/login-limit.ts', index: ' ', worktree: 'M', additions: 3, deletions: 3 },
          {
            path: 'src/limits/a/rather/deep/folder/with/a/long/name/bucket.ts',
            index: ' ',
            worktree: 'M',
            additions: 46,
            deletions: 0,
          },
          { path: 'src/limits/bucket.db.test.ts', index: '?', worktree: '?' },
        ],
        changes: [],
        truncated: false,
      })
    case 'forge.read':
      return Promise.resolve({
        ok: true,
        forge: 'github',
        request: {
          number: 12,
          url: 'https://github.com/harbor/api/pull/12',
          title: 'Rate limit the webhook endpoint',
          state: 'open',
          draft: true,
          checks: [
            { name: 'test', state: 'failed', says: '2 of 418 fail', url: 'https://github.com/harbor/api/runs/1' },
            { name: 'lint', state: 'passed', says: '', url: '' },
            { name: 'deploy preview', state: 'running', says: '', url: '' },
          ],
          comments: [
            {
              author: 'ines',
              text: 'Does this hold with two processes?',
              path: 'src/limits/bucket.ts',
              line: 4,
              at: Date.now() - 600_000,
              url: 'https://github.com/harbor/api/pull/12#1',
            },
          ],
        },
      })
    case 'git.log':
      return Promise.resolve({
        ok: true,
        commits: [commitOf('9f8e7d6', 'A bucket per sender, kept in Postgres', 6, 152, 9), OLDER],
      })
    case 'ports':
      return Promise.resolve({ ok: true, ports: [{ port: 24_310, process: 'node' }] })
    case 'diff.files':
      return Promise.resolve({ ok: true, from: 'a'.repeat(40), to: 'b'.repeat(40), files: CHANGED, truncated: false })
    case 'diff.patches':
      return Promise.resolve({
        ok: true,
        patches: request.files.map(({ path }) => ({ path, patch: PATCHES[path] ?? '@@ -1 +1 @@\n-a\n+b\n' })),
      })
    case 'diff.lines': {
      const lines = Array.from({ length: request.to - request.from + 1 }, (_, n) => `// line ${request.from + n}`)
      return Promise.resolve({ ok: true, lines, total: 60 })
    }
    case 'files': {
      const paths = ranked(FILES, request.text, (path) => path, 50)
      return Promise.resolve({ ok: true, paths, total: FILES.length, truncated: false })
    }
    case 'picture.read': {
      const text = bucketPicture(request.tree?.startsWith('a') ? 20 : 70)
      return Promise.resolve({
        ok: true,
        type: 'image/svg+xml',
        size: text.length,
        sha256: String(request.tree),
        data: btoa(text),
      })
    }
    case 'file.blame':
      return Promise.resolve({
        ok: true,
        sha256: 'a',
        runs: [
          { line: 1, count: 3, by: OLDER.id },
          { line: 4, count: 1, by: request.checkpoints.at(-1) ?? 'now' },
          { line: 5, count: 3, by: 'now' },
        ],
        commits: [{ id: OLDER.id, author: OLDER.author, at: OLDER.at, summary: OLDER.subject }],
      })
    case 'file.read':
      return Promise.resolve({ ok: true, text: BUCKET_TEXT, binary: false, tooLarge: false, size: 300, sha256: 'a' })
    case 'tree':
      return Promise.resolve(listing(request.path))
    case 'search':
      return Promise.resolve(found(request.text))
    case 'secrets.list':
      return Promise.resolve({ ok: true, sealKey: '', runnerId: 'oak-2', secrets: SECRETS, keys: {} })
    case 'commands':
      return Promise.resolve({ ok: true, commands: COMMANDS })
    default:
      return Promise.resolve({ ok: false, code: 'unsupported', message: 'The stand-in runner does not know this.' })
  }
}

/** A folder of the fixture's files. */
function listing(folder: string): Record<string, unknown> {
  const inside = FILES.filter((path) => folder === '' || path.startsWith(`${folder}/`)).map((path) =>
    path.slice(folder === '' ? 0 : folder.length + 1),
  )
  const folders = [...new Set(inside.filter((path) => path.includes('/')).map((path) => path.split('/')[0]))]
  const files = inside.filter((path) => !path.includes('/'))
  const entries = [
    ...folders.map((name) => ({ name, kind: 'folder', ...(name === 'src' && { changed: 'M' }) })),
    ...(folder === '' ? [{ name: 'node_modules', kind: 'folder', ignored: true }] : []),
    ...files.map((name) => ({ name, kind: 'file', ...(name === 'route.ts' && { changed: 'M' }) })),
    ...(folder === '' ? [{ name: 'notes.md', kind: 'file', changed: '?' }] : []),
  ]
  return { ok: true, entries, truncated: false }
}

/** Two files with hits. */
function found(text: string): Record<string, unknown> {
  const line = (n: number, before: string, after: string) => ({
    line: n,
    text: `${before}${text}${after}`,
    ranges: [[before.length, before.length + text.length]],
  })
  const files = [
    { path: 'src/hooks/route.ts', lines: [line(12, 'const grant = await ', '(db, sender)'), line(40, '// ', '')] },
    { path: 'src/limits/bucket.ts', lines: [line(7, 'export function ', '() {')] },
  ]
  return { ok: true, files, truncated: false }
}
