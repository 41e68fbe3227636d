import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FolderRefused, lockFolder } from './folder-lock.ts'

let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coppice-lock-'))
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const lockFile = (): string => path.join(folder, 'server.lock')
const holder = (more: object): string =>
  JSON.stringify({ pid: process.pid, host: os.hostname(), began: '', since: '2026-01-01T00:00:00.000Z', ...more })

test('a second server on the same folder is told who holds it', () => {
  const lock = lockFolder(folder)
  expect(() => lockFolder(folder)).toThrow(FolderRefused)
  expect(() => lockFolder(folder)).toThrow(`in use by process ${process.pid} on ${os.hostname()}`)
  lock.release()
  lockFolder(folder).release()
})

test('the lock of a process that is gone is taken over', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await new Promise((resolve) => child.once('exit', resolve))
  fs.writeFileSync(lockFile(), holder({ pid: child.pid }))
  const lock = lockFolder(folder)
  expect(fs.readFileSync(lockFile(), 'utf8')).toContain(`"pid":${process.pid}`)
  lock.release()
  expect(fs.readdirSync(folder)).toEqual([])
})

test('a process that got the number of a dead holder later does not count as the holder', () => {
  fs.writeFileSync(lockFile(), holder({ pid: process.pid, began: '1' }))
  lockFolder(folder).release()
})

test('a lock from another machine is not broken', () => {
  fs.writeFileSync(lockFile(), holder({ pid: 1, host: 'elsewhere' }))
  expect(() => lockFolder(folder)).toThrow(/in use by process 1 on elsewhere.*delete/s)
})

test('a lock file that cannot be read is not broken', () => {
  fs.writeFileSync(lockFile(), 'not json')
  expect(() => lockFolder(folder)).toThrow(/cannot be read.*delete that file/s)
})

test('a folder that cannot be written is said so, with what to do', () => {
  const file = path.join(folder, 'file')
  fs.writeFileSync(file, '')
  expect(() => lockFolder(file)).toThrow(/cannot be written/)
  expect(() => lockFolder(path.join(file, 'data'))).toThrow(/a file of that name is in the way.*--data/s)
})
