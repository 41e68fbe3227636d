import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CarefulDatabase } from './careful-database.ts'
import { FullDisk } from './testing/full-disk.ts'

let folder: string
let disk: FullDisk
let db: CarefulDatabase

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'coppice-careful-'))
  disk = new FullDisk(path.join(folder, 'pg'))
  const pg = await PGlite.create({ fs: disk })
  db = new CarefulDatabase(pg)
  await pg.exec(
    "create table t (n int, text text); insert into t select n, repeat('x', 500) from generate_series(1, 500) n",
  )
})
afterEach(async () => {
  disk.full = false
  await db.close()
  rmSync(folder, { recursive: true, force: true })
})

const count = async (): Promise<number> =>
  (await db.query<{ n: number }>('select count(*)::int as n from t')).rows[0]?.n ?? -1

test('[LF-11] after a checkpoint that a full disk refused nothing is asked of PGlite any more: it would never come back', async () => {
  disk.full = true
  const before = count()
  const making = db.checkpoint()
  const after = count()
  expect(await before).toBe(500)
  await expect(making).rejects.toThrow(/could not write|No space/)
  await expect(after).rejects.toThrow(/could not write|No space/)
  await expect(db.query('select 1')).rejects.toThrow(/could not write|No space/)
  expect((await db.broken).message).toMatch(/could not write|No space/)
})

test('[LF-11] after a write that failed nothing that was asked meanwhile gets to the database', async () => {
  const failing = db.write((tx) => tx.query('insert into t select 1 / (n - 1), text from t'))
  const meanwhile = count()
  await expect(failing).rejects.toThrow('division by zero')
  await expect(meanwhile).rejects.toThrow('division by zero')
  expect((await db.broken).message).toContain('division by zero')
})

test('a checkpoint waits for what is running, and what comes meanwhile for the checkpoint', async () => {
  const order: string[] = []
  const writing = db.write(async (tx) => {
    await tx.query("insert into t values (501, 'y')")
    order.push('written')
  })
  const making = db.checkpoint().then(() => order.push('checkpoint'))
  const reading = count().then((n) => order.push(String(n)))
  await Promise.all([writing, making, reading, db.checkpoint()])
  expect(order).toEqual(['written', 'checkpoint', '501'])
})
