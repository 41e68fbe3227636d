import { recordedEventSchema } from '@coppice/events'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { coppiceCommand } from '../support/command.ts'
import { RunningCoppice } from '../support/coppice.ts'
import { processesWith } from '../support/processes.ts'
import { smallRepository } from '../support/repository.ts'

/** What a person at the terminal is told when `coppice` cannot do what was asked. */
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coppice-start-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const upIn = (data: string, ...more: string[]): string[] => ['up', '--json', '--port', '0', '--data', data, ...more]

test('a port that is none is refused before anything is made', async () => {
  const data = join(folder, 'no-port')
  for (const port of ['abc', '70000', '-1', '80.5']) {
    const { code, out, err } = await coppiceCommand(['up', '--json', '--data', data, `--port=${port}`])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(`'${port}' is invalid. A port is a number from 0 (any free one) to 65535.`)
  }
  expect(existsSync(data)).toBe(false)
})

test('a port that is taken is named, with the option that chooses another', async () => {
  const other = createServer()
  onTestFinished(() => void other.close())
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const data = join(folder, 'taken-port')
  const { code, out, err } = await coppiceCommand(['up', '--json', '--data', data, '--port', String(port)])
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain(`Port ${port} is taken by another program. Nothing was changed. Choose another with --port`)
  expect(await readdir(data)).toEqual([])
})

test('a data folder that cannot be made or written is named, with the reason and the option that chooses another', async () => {
  const file = join(folder, 'a-file')
  await writeFile(file, 'mine')
  for (const data of [file, join(file, 'below')]) {
    const { code, out, err } = await coppiceCommand(upIn(data))
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(
      /The data folder .* cannot be made: E.*\. Nothing was changed\. Name another folder with --data/,
    )
  }
  expect(await readFile(file, 'utf8')).toBe('mine')
  // Root may write anywhere but in the kernel's own file system, which is there and refuses.
  const { code, err } = await coppiceCommand(upIn('/proc/self'))
  expect(code).toBe(1)
  expect(err).toMatch(/The data folder \/proc\/self cannot be written: .*\. Nothing was changed\. Name another folder/)
})

test('without git, or with one that is too old, it does not start and says what it needs', async () => {
  const empty = join(folder, 'bin-empty')
  await mkdir(empty)
  const missing = await coppiceCommand(upIn(join(folder, 'no-git')), { PATH: empty })
  expect({ code: missing.code, out: missing.out }).toEqual({ code: 1, out: '' })
  expect(missing.err).toContain('git is not installed, or not on the PATH. Coppice needs it (https://git-scm.com')
  const old = join(folder, 'bin-old')
  await mkdir(old)
  await writeFile(join(old, 'git'), '#!/bin/sh\necho "git version 2.20.1"\n')
  await chmod(join(old, 'git'), 0o755)
  const tooOld = await coppiceCommand(upIn(join(folder, 'old-git')), {
    PATH: `${old}${delimiter}${process.env['PATH'] ?? ''}`,
  })
  expect({ code: tooOld.code, out: tooOld.out }).toEqual({ code: 1, out: '' })
  expect(tooOld.err).toContain('git 2.20 is too old: Coppice needs git 2.38 or newer')
  expect(await processesWith(folder)).toEqual([])
})

test('commands that need a running server say that none runs, and where they looked', async () => {
  const data = join(folder, 'nobody')
  for (const args of [['link'], ['token', 'create', '--name', 'x'], ['export', join(folder, 'none.jsonl')]]) {
    const { code, out, err } = await coppiceCommand([...args, '--data', data])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toBe(
      `coppice: No server is running on ${data}. Start one with \`coppice up\`, or name its folder with --data.\n`,
    )
  }
  expect(existsSync(join(folder, 'none.jsonl'))).toBe(false)
})

test('a repository that is none is said and does not keep Coppice from starting', async () => {
  const coppice = await RunningCoppice.start({ repo: folder })
  onTestFinished(() => coppice.stop())
  await expect
    .poll(() => coppice.said.join('\n'))
    .toContain(
      `The repository named with --repo was not added: ${folder} is not a git repository. Run "git init" there and commit something, or choose another folder. Coppice runs without it; add one in the web app.`,
    )
  expect((await fetch(`${coppice.url}/health`)).status).toBe(200)
})

test('a running server gives links, tokens and its logs; a second one on its folder is refused; SIGTERM leaves nothing', async () => {
  const repo = await smallRepository()
  onTestFinished(() => rm(repo, { recursive: true, force: true }))
  const coppice = await RunningCoppice.start({ repo })
  onTestFinished(() => coppice.stop())
  const { data, url } = coppice

  const link = await coppiceCommand(['link', '--data', data])
  expect({ code: link.code, err: link.err }).toEqual({ code: 0, err: '' })
  expect((await fetch(link.out.trim())).status).toBe(200)

  const badKind = await coppiceCommand(['token', 'create', '--name', 'x', '--kind', 'king', '--data', data])
  expect(badKind.err).toContain('A token has a name of 1 to 100 characters and the kind api or runner.')
  const token = await coppiceCommand(['token', 'create', '--name', 'script', '--data', data])
  const me = await fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${token.out.trim()}` } })
  expect(me.status).toBe(200)

  const file = join(folder, 'all.jsonl')
  expect((await coppiceCommand(['export', file, '--data', data])).code).toBe(0)
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  const events = lines.map((line) => recordedEventSchema.parse(JSON.parse(line)))
  expect(new Set(events.map((event) => event.log.split(':')[0]))).toEqual(new Set(['instance', 'workspace']))
  for (const log of new Set(events.map((event) => event.log))) {
    const positions = events.filter((event) => event.log === log).map((event) => event.position)
    expect(positions).toEqual(positions.map((_, index) => index + 1))
  }
  const again = await coppiceCommand(['export', file, '--data', data])
  expect(again.err).toContain(`${file} is there already, and was left as it is. Name another file.`)

  const second = await coppiceCommand(upIn(data))
  expect({ code: second.code, out: second.out }).toEqual({ code: 1, out: '' })
  expect(second.err).toMatch(/is in use by process \d+ on .*\. Nothing was changed\. Stop it first, or name another/)
  expect((await fetch(`${url}/health`)).status).toBe(200)

  await coppice.stop({ keepData: true })
  await expect.poll(() => processesWith(data)).toEqual([])
  expect(existsSync(join(data, 'access.json'))).toBe(false)
  expect(existsSync(join(data, 'server.lock'))).toBe(false)
})

test('told to end while it starts, it ends without a complaint and without a process', async () => {
  const data = join(folder, 'early')
  const ended = coppiceCommand(upIn(data))
  await expect.poll(() => existsSync(join(data, 'server.lock')), { timeout: 60_000, interval: 20 }).toBe(true)
  const pids = await pidsWith(`--data ${data}`, 'coppice.ts')
  expect(pids).toHaveLength(1)
  for (const pid of pids) process.kill(pid, 'SIGTERM')
  expect((await ended).err).not.toContain('did not start')
  await expect.poll(() => processesWith(data)).toEqual([])
})

async function pidsWith(...texts: string[]): Promise<readonly number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    // A process may end between the listing and the look.
    const line = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')
    if (texts.every((text) => line.includes(text))) found.push(Number(name))
  }
  return found
}
