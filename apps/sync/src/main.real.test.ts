import fs from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StorePlace } from './store/open-store.ts'
import { freshDataFolder, type TestPlace } from './testing/data-folder.ts'
import { ServerDidNotStart, startServerProcess } from './testing/server-process.ts'

let folder: TestPlace
beforeEach(async () => {
  folder = await freshDataFolder()
})
afterEach(() => folder.remove())

/** The one line on stderr that a start ended with. */
async function refusal(at: StorePlace, args?: readonly string[]): Promise<string> {
  const error = await startServerProcess(at, undefined, args).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ServerDidNotStart)) throw new Error('the server started, or failed in another way')
  expect(error.code).toBe(1)
  expect(error.said).toHaveLength(1)
  return error.said[0] ?? ''
}

test('one JSON line when ready; SIGTERM ends it cleanly and leaves no lock', async () => {
  const server = await startServerProcess(folder)
  expect(Object.keys(server)).toEqual(expect.arrayContaining(['url', 'link', 'ownerToken', 'runnerToken']))
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
  expect(await server.kill('SIGTERM')).toBe(0)
  expect(server.said).toEqual([])
  expect(fs.existsSync(path.join(folder.folder, 'server.lock'))).toBe(false)
})

test('a second server on the folder says who has it, and the first goes on', async () => {
  const server = await startServerProcess(folder)
  expect(await refusal(folder)).toContain(`in use by process ${server.child.pid}`)
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
  await server.kill('SIGTERM')
})

test('after a kill the next start takes the lock over', async () => {
  await (await startServerProcess(folder)).kill('SIGKILL')
  expect(fs.existsSync(path.join(folder.folder, 'server.lock'))).toBe(true)
  expect(await (await startServerProcess(folder)).kill('SIGTERM')).toBe(0)
})

test('a port that is taken is said, with what to do, and nothing is made', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const fresh = path.join(folder.folder, 'fresh')
  expect(await refusal({ ...folder, dataFolder: fresh }, ['--port', String(port)])).toMatch(
    new RegExp(`Port ${port} is taken.*--port`),
  )
  expect(fs.existsSync(fresh)).toBe(false)
  // A folder that is there is opened beside the rest of the start, and let go of again.
  expect(await refusal(folder, ['--port', String(port)])).toContain(`Port ${port} is taken`)
  expect(fs.existsSync(path.join(folder.folder, 'server.lock'))).toBe(false)
  await new Promise((resolve) => other.close(resolve))
})

test('a data folder that is a file, or a nonsense port, is said in one line', async () => {
  const file = path.join(folder.folder, 'file')
  fs.writeFileSync(file, '')
  expect(await refusal({ ...folder, dataFolder: file })).toMatch(
    /cannot be written: a file of that name is in the way.*--data/,
  )
  expect(await refusal(folder, ['--port', 'none'])).toContain('--port takes a number')
})

test('a folder that a later version wrote is left as it is', async () => {
  const { openStore } = await import('./store/open-store.ts')
  const store = await openStore(folder)
  await store.query('insert into schema_steps values (99, now())', [])
  await store.query('insert into schema_steps values (98, now())', [])
  await store.close()
  expect(await refusal(folder)).toContain('written by a later version')
})
