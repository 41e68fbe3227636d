import { execFile } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import { House, type SessionInHouse } from './house.ts'

const PATIENCE = 60_000
const run = promisify(execFile)

let house: House
let desk: string
beforeAll(async () => {
  house = await House.open()
  desk = mkdtempSync(path.join(os.tmpdir(), 'coppice-desk-'))
  const origin = path.join(house.at.root, 'origin.git')
  await run('git', ['clone', '--quiet', '--bare', house.at.repo, origin])
  await run('git', ['-C', house.at.repo, 'remote', 'add', 'origin', origin])
  writeFileSync(path.join(desk, 'my-ide'), `#!/bin/sh\necho "$1" > ${desk}/opened\n`)
  chmodSync(path.join(desk, 'my-ide'), 0o755)
})
afterAll(async () => {
  rmSync(desk, { recursive: true, force: true })
  await house[Symbol.asyncDispose]()
})

const owner = (): Record<string, string> => ({ authorization: `Bearer ${house.started.ownerToken}` })

async function session(mode: 'develop' | 'chat' = 'develop'): Promise<SessionInHouse> {
  const made = await house.session(undefined, { mode })
  await made.until('worktree.ready', 1, PATIENCE)
  return made
}

type Commands = { bash: string; powershell: string; expiresAt: number }

async function commands(of: SessionInHouse, operation: 'open' | 'upload'): Promise<Commands> {
  const answer = await mint(of, operation)
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { data: Commands }).data
}

const mint = (of: SessionInHouse, operation: 'open' | 'upload', headers = owner()): Promise<Response> =>
  fetch(`${house.started.url}/api/ide-tokens`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ workspaceId: house.workspaceId, sessionId: of.id, operation }),
  })

const tokenIn = ({ bash }: Commands): string => /COPPICE_TOKEN='([^']+)'/.exec(bash)?.[1] ?? ''

/** Runs a one-liner as a person pastes it. */
async function paste(
  line: string,
  cwd: string,
  env: Record<string, string> = {},
): Promise<{ code: number; said: string }> {
  const passed = { PATH: process.env['PATH'] ?? '', HOME: desk, ...env }
  return run('bash', ['-c', line], { cwd, env: passed }).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  )
}

const gitIn = async (dir: string, ...args: string[]): Promise<string> =>
  (await run('git', ['-C', dir, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...args])).stdout.trim()

const said = (of: SessionInHouse): unknown[] =>
  of.data('message.added').flatMap((data) => (String(data['text']).startsWith('IDE: ') ? [data['text']] : []))

/** Opens a session on the desk. @returns the folder */
async function opened(of: SessionInHouse): Promise<string> {
  const { code, said: words } = await paste((await commands(of, 'open')).bash, desk, { COPPICE_IDE: `${desk}/my-ide` })
  expect(words).toContain('Opened in')
  expect(code).toBe(0)
  return readFileSync(path.join(desk, 'opened'), 'utf8').trim()
}

test('[I-8] [I-9] [I-10] [I-11] [I-12] [I-30] the Bash command downloads a working clone and opens it: branch, history, upstream, uncommitted state', async () => {
  const of = await session()
  writeFileSync(path.join(of.worktree, 'staged.txt'), 'staged\n')
  await gitIn(of.worktree, 'add', 'staged.txt')
  writeFileSync(path.join(of.worktree, 'staged.txt'), 'staged, and changed since\n')
  mkdirSync(path.join(of.worktree, 'new folder'))
  writeFileSync(path.join(of.worktree, 'new folder', 'ü run.sh'), '#!/bin/sh\necho hi\n', { mode: 0o755 })
  symlinkSync('src/a.txt', path.join(of.worktree, 'link'))
  rmSync(path.join(of.worktree, 'README.md'), {})
  const clone = await opened(of)
  expect(path.dirname(clone)).toBe(desk)
  for (const args of [
    ['status', '--porcelain=v1', '-z'],
    ['rev-parse', 'HEAD'],
    ['branch', '--show-current'],
    ['diff', '--cached'],
    ['diff'],
  ])
    expect(await gitIn(clone, ...args)).toBe(await gitIn(of.worktree, ...args))
  expect(await gitIn(clone, 'log', '--oneline')).toBe(await gitIn(of.worktree, 'log', '--oneline'))
  await gitIn(clone, 'fsck', '--strict')
  const branch = await gitIn(clone, 'branch', '--show-current')
  expect(await gitIn(clone, 'config', `branch.${branch}.merge`)).toBe(`refs/heads/${branch}`)
  expect(await gitIn(clone, 'remote', 'get-url', 'origin')).toBe(path.join(house.at.root, 'origin.git'))
  await of.until('message.added', 1, PATIENCE)
  expect(said(of)[0]).toBe('IDE: downloaded session changes (3 files, 1 deletion).')
  // A second one goes beside the first.
  expect(await opened(of)).toBe(`${clone}-2`)
})

test('[I-30] a clone has no credentials in it', async () => {
  const of = await session()
  await gitIn(of.worktree, 'remote', 'set-url', 'origin', 'https://ann:hunter2secret@example.invalid/x.git')
  const clone = await opened(of)
  expect(await gitIn(clone, 'remote', 'get-url', 'origin')).toBe('https://example.invalid/x.git')
  expect(
    (await run('grep', ['-rl', 'hunter2secret', clone]).catch((error: { code: number }) => error)) as unknown,
  ).toMatchObject({ code: 1 })
  await gitIn(of.worktree, 'remote', 'set-url', 'origin', path.join(house.at.root, 'origin.git'))
})

test('[I-13] [I-22] [I-28] what was committed and pushed from the clone is pulled; where it cannot fast-forward nothing changes', async () => {
  const of = await session()
  const clone = await opened(of)
  writeFileSync(path.join(clone, 'from-the-desk.txt'), 'hello\n')
  await gitIn(clone, 'add', '.')
  await gitIn(clone, 'commit', '--quiet', '-m', 'From the desk')
  await gitIn(clone, 'push', '--quiet')
  expect(await of.git({ kind: 'pullIde' })).toMatchObject({ type: 'git.completed' })
  await expect
    .poll(() => said(of).at(-1), { timeout: PATIENCE })
    .toMatch(/^IDE: pulled changes from origin\/.+ \(1 file\)\.$/)
  await of.send('```sh\ncat from-the-desk.txt\n```')
  await of.until('turn.ended', 1, PATIENCE)
  expect(String(of.data('tool.finished').at(-1)?.['output'])).toContain('hello')

  writeFileSync(path.join(clone, 'again.txt'), 'again\n')
  await gitIn(clone, 'add', '.')
  await gitIn(clone, 'commit', '--quiet', '-m', 'Again')
  await gitIn(clone, 'push', '--quiet')
  await gitIn(of.worktree, 'commit', '--quiet', '--allow-empty', '-m', 'Meanwhile')
  const head = await gitIn(of.worktree, 'rev-parse', 'HEAD')
  const messages = said(of).length
  const failed = await of.git({ kind: 'pullIde' })
  expect(failed).toMatchObject({ type: 'git.failed' })
  expect(String(failed.data['message'])).toContain('Both have commits')
  expect(await gitIn(of.worktree, 'rev-parse', 'HEAD')).toBe(head)
  expect(said(of)).toHaveLength(messages)
})

test('[I-14] [I-15] [I-16] [I-17] [I-18] [I-22] uncommitted changes are sent, shown, confirmed, and applied after a checkpoint', async () => {
  const of = await session()
  const clone = await opened(of)
  const upload = await commands(of, 'upload')
  // Clean: the token is not used.
  const clean = await paste(upload.bash, clone)
  expect(clean.said).toContain('Nothing to upload')
  writeFileSync(path.join(clone, 'src', 'a.txt'), 'from my editor\n')
  writeFileSync(path.join(clone, 'ignored export.txt'), 'kept\n')
  writeFileSync(path.join(clone, '.gitattributes'), '*.txt export-ignore\n')
  await gitIn(clone, 'rm', '--quiet', 'README.md')
  writeFileSync(path.join(of.worktree, 'src', 'a.txt'), 'changed in the session\n')
  const { code, said: words } = await paste(upload.bash, path.join(clone, 'src'))
  expect(words).toContain('Sent: 3 changed, 1 deleted.')
  expect(code).toBe(0)
  const offer = await of.until('ide.offered', 1, PATIENCE)
  expect(offer.data).toMatchObject({
    changed: expect.arrayContaining(['src/a.txt', 'ignored export.txt', '.gitattributes']) as string[],
    overwrites: ['src/a.txt'],
    changedCount: 3,
  })
  // Nothing is applied before it is confirmed.
  expect(readFileSync(path.join(of.worktree, 'src', 'a.txt'), 'utf8')).toBe('changed in the session\n')
  const { operationId, zip } = offer.data as {
    operationId: string
    zip: { sha256: string; size: number; type: string; name: string }
  }
  expect(await of.command('git.request', { operationId, operation: { kind: 'applyUpload', zip } })).toBeUndefined()
  await of.until('git.completed', 1, PATIENCE)
  expect(readFileSync(path.join(of.worktree, 'src', 'a.txt'), 'utf8')).toBe('from my editor\n')
  expect(readdirSync(of.worktree)).toContain('ignored export.txt')
  expect(readdirSync(of.worktree)).not.toContain('README.md')
  expect(of.types.indexOf('checkpoint.created')).toBeLessThan(of.types.indexOf('git.completed'))
  await expect.poll(() => said(of).at(-1), { timeout: PATIENCE }).toBe('IDE: uploaded changes (3 files, 1 deletion).')
  // Once only.
  const twice = await of.command('git.request', { operationId, operation: { kind: 'applyUpload', zip } })
  expect(twice?.message).toContain('applied or dismissed already')
  expect((await paste(upload.bash, clone)).said).toContain('used already')
})

test('[I-25] [I-26] a pull and an upload wait while an agent is at work, and are done after it in the order of asking', async () => {
  const of = await session()
  const clone = await opened(of)
  writeFileSync(path.join(clone, 'pulled.txt'), 'pulled\n')
  await gitIn(clone, 'add', '.')
  await gitIn(clone, 'commit', '--quiet', '-m', 'Pulled')
  await gitIn(clone, 'push', '--quiet')
  writeFileSync(path.join(clone, 'sent.txt'), 'sent\n')
  expect((await paste((await commands(of, 'upload')).bash, clone)).said).toContain('Sent: 1 changed, 0 deleted.')
  const { operationId, zip } = (await of.until('ide.offered', 1, PATIENCE)).data as {
    operationId: string
    zip: { sha256: string; size: number; type: string; name: string }
  }
  const inWorktree = (name: string): boolean => readdirSync(of.worktree).includes(name)
  await of.send('```sh\ntouch begun; until [ -e enough ]; do sleep 0.1; done\n```')
  await expect.poll(() => inWorktree('begun'), { timeout: PATIENCE }).toBe(true)

  const pull = { operationId: 'pull-in-mid-turn', operation: { kind: 'pullIde' as const } }
  expect(await of.command('git.request', pull)).toBeUndefined()
  expect(await of.command('git.request', { operationId, operation: { kind: 'applyUpload', zip } })).toBeUndefined()
  // What changes no file does not wait: when it is done, the two would have been.
  expect(await of.git({ kind: 'stage', paths: ['begun'] })).toMatchObject({ type: 'git.completed' })
  expect(of.data('git.started').map((one) => one['operationId'])).not.toContain(operationId)
  expect(of.data('git.started').map((one) => one['operationId'])).not.toContain(pull.operationId)
  expect([inWorktree('pulled.txt'), inWorktree('sent.txt')]).toEqual([false, false])

  writeFileSync(path.join(of.worktree, 'enough'), '')
  await expect.poll(() => said(of).length, { timeout: PATIENCE }).toBe(3)
  expect(said(of).slice(1)).toEqual([
    expect.stringMatching(/^IDE: pulled changes/) as string,
    'IDE: uploaded changes (1 file).',
  ])
  expect([inWorktree('pulled.txt'), inWorktree('sent.txt')]).toEqual([true, true])
  expect(of.types.indexOf('turn.ended')).toBeLessThan(of.types.lastIndexOf('git.started'))
})

test('[I-19] [I-20] [I-21] a token is for one operation, once: a race lets in one; not the other operation, not a stranger', async () => {
  const of = await session()
  const open = tokenIn(await commands(of, 'open'))
  const ask = (operation: string, token: string): Promise<Response> =>
    fetch(`${house.started.url}/ide/${operation}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: 'x',
    })
  expect((await ask('upload', open)).status).toBe(403)
  const race = await Promise.all(Array.from({ length: 8 }, () => ask('open', open)))
  expect(race.map((one) => one.status).toSorted()).toEqual([200, ...Array.from({ length: 7 }, () => 403)])
  for (const one of race) await one.arrayBuffer()
  expect(await (await ask('open', open)).text()).toContain('used already')
  const upload = tokenIn(await commands(of, 'upload'))
  expect((await ask('open', upload)).status).toBe(403)
  expect((await mint(of, 'open', {})).status).toBe(401)
  const { expiresAt } = await commands(of, 'open')
  expect(expiresAt - Date.now()).toBeGreaterThan(4 * 60_000)
  expect(expiresAt - Date.now()).toBeLessThanOrEqual(5 * 60_000)
})

test('[I-27] a chat has nothing for an editor: the server refuses too', async () => {
  const of = await session('chat')
  const refused = await mint(of, 'open')
  expect(refused.status).toBe(403)
  expect(await refused.text()).toContain('chat')
  const pull = await of.command('git.request', { operationId: 'op1', operation: { kind: 'pullIde' } })
  expect(pull?.message).toContain('chat')
})

/** A zip as somebody makes it who means ill. */
function zipOf(entries: Record<string, { text?: string; mode?: number }>): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, { text = 'x', mode = 0o100644 }] of Object.entries(entries)) {
    // The writer refuses such names: they are put in afterwards, in the same length.
    zip.addBuffer(Buffer.from(text), name, { mode, compress: text.length > 1_000 })
  }
  zip.end()
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    zip.outputStream.on('data', (part: Buffer) => parts.push(part))
    zip.outputStream.on('end', () => resolve(Buffer.concat(parts)))
  })
}

const renamed = (zip: Buffer, from: string, to: string): Buffer =>
  Buffer.from(zip.toString('latin1').replaceAll(from, to), 'latin1')

test('[I-29] a hostile zip is refused whole, with the reason', async () => {
  const of = await session()
  const before = await gitIn(of.worktree, 'status', '--porcelain')
  const send = async (zip: Buffer): Promise<string> => {
    const token = tokenIn(await commands(of, 'upload'))
    const answer = await fetch(`${house.started.url}/ide/upload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/zip' },
      body: new Uint8Array(zip),
    })
    expect(answer.status).toBe(422)
    return answer.text()
  }
  const good = { 'good.txt': {} }
  const escape = renamed(await zipOf({ ...good, 'aa/bb.txt': {} }), 'aa/bb.txt', '../bb.txt')
  expect(await send(escape)).toContain('Nothing of the upload was applied')
  expect(await send(renamed(await zipOf({ ...good, 'aabb.txt': {} }), 'aabb.txt', '/abb.txt'))).toContain('absolute')
  expect(await send(await zipOf({ ...good, link: { text: '/etc/passwd', mode: 0o120777 } }))).toContain('link')
  expect(await send(await zipOf({ ...good, '.git/config': {} }))).toContain('.git')
  expect(await send(await zipOf({ ...good, 'sub/.GIT/hooks/post-checkout': {} }))).toContain('.git')
  expect(await send(await zipOf({ ...good, 'src/NUL.txt': {} }))).toContain('reserved')
  expect(await send(await zipOf({ ...good, 'GOOD.txt': {} }))).toContain('two files in one place')
  expect(await send(await zipOf({ ...good, 'good.txt/x': {} }))).toContain('a file and a folder')
  expect(await send(await zipOf({ ...good, 'bomb.txt': { text: '0'.repeat(300 * 1024 * 1024) } }))).toContain(
    'larger than 256 MiB',
  )
  expect(await send(Buffer.from('no zip at all'))).toContain('no zip')
  expect(await gitIn(of.worktree, 'status', '--porcelain')).toBe(before)
  expect(of.types).not.toContain('ide.offered')
})

test('who shows no token is answered before anything of what they send is read', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const asked = request(`${house.started.url}/ide/upload`, {
      method: 'POST',
      headers: { 'content-length': 1_000_000 },
    })
    asked.on('response', (answer) => {
      resolve(answer.statusCode)
      asked.destroy()
    })
    asked.on('error', reject)
    asked.flushHeaders()
  })
  expect(status).toBe(403)
})

test('the hash of a token is kept, not the token', async () => {
  const of = await session()
  const token = tokenIn(await commands(of, 'open'))
  const found = await run('grep', ['-rlaF', token, path.join(house.at.root, 'server')]).catch(
    (error: { code: number }) => error,
  )
  expect(found).toMatchObject({ code: 1 })
})
