import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { isRefusal, newId, sessionStream, workspaceLog } from '@coppice/events'
import { expect, test } from 'vitest'
import { openInPage, type Replica } from './index.ts'
import { PgliteStore } from './pglite-store.ts'
import { FullDisk } from './testing/full-disk.ts'
import { MemoryServer } from './testing/memory-server.ts'
import { newSession } from './testing/new-session.ts'

const LOG = workspaceLog('w')

async function create(mara: Replica, sessionId: string): Promise<void> {
  const sent = await mara.command(
    { log: LOG, stream: sessionStream(sessionId) },
    'session.create',
    newSession(sessionId),
  )
  if (isRefusal(sent)) throw new Error(sent.message)
  expect(await sent.settled).toEqual({ kind: 'accepted' })
}

test('[LF-11] a disk that is full in the middle of the work is told, and all goes on in memory: nothing is missing or doubled', async () => {
  const server = new MemoryServer(LOG)
  const db = await PGlite.create()
  const mara = openInPage({
    store: await PgliteStore.open(db),
    userId: 'mara',
    clientId: newId(),
    appVersion: 'test',
    connect: () => server.connect('mara'),
  })
  await mara.ready
  await create(mara, 'before')
  await expect.poll(() => mara.connection()).toMatchObject({ storage: 'persistent', waiting: 0 })
  // What PostgreSQL says when a write finds no room.
  await db.exec(`create function no_room() returns trigger as $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$ language plpgsql;
    create trigger no_room before insert or update on cursors for each row execute function no_room()`)
  await create(mara, 'during')
  await expect.poll(() => mara.connection()).toMatchObject({ storage: 'full' })
  await create(mara, 'after')
  await expect.poll(() => mara.connection().waiting).toBe(0)
  await expect.poll(() => [...mara.rows('sessions').keys()].toSorted()).toEqual(['after', 'before', 'during'])
  expect(mara.isPending('sessions', 'during')).toBe(false)
  await mara.close()
})

test('[LF-11] a full disk that shows itself when the database tidies up is told, and all comes again from the server', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coppice-full-'))
  const disk = new FullDisk(path.join(folder, 'pg'))
  const server = new MemoryServer(LOG)
  const mara = openInPage({
    store: await PgliteStore.open(await PGlite.create({ fs: disk })),
    userId: 'mara',
    clientId: newId(),
    appVersion: 'test',
    connect: () => server.connect('mara'),
  })
  try {
    await mara.ready
    for (let n = 0; n < 60; n += 1) await create(mara, `before-${n}`)
    await expect.poll(() => mara.connection()).toMatchObject({ storage: 'persistent', waiting: 0 })
    disk.full = true
    await expect.poll(() => mara.connection(), { timeout: 20_000 }).toMatchObject({ storage: 'full' })
    await create(mara, 'after')
    await expect.poll(() => mara.rows('sessions').size).toBe(61)
  } finally {
    await mara.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
