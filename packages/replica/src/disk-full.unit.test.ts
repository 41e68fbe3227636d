import { PGlite } from '@electric-sql/pglite'
import { isRefusal, newId, sessionStream, workspaceLog } from '@coppice/events'
import { expect, test } from 'vitest'
import { openInPage } from './index.ts'
import { PgliteStore } from './pglite-store.ts'
import { MemoryServer } from './testing/memory-server.ts'

const LOG = workspaceLog('w')

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
  const create = async (sessionId: string): Promise<void> => {
    const sent = await mara.command({ log: LOG, stream: sessionStream(sessionId) }, 'session.create', {
      sessionId,
      workspaceId: 'w',
      mode: 'chat',
      provider: 'script',
      model: '',
      baseBranch: 'main',
      stepMode: 'manual',
    })
    if (isRefusal(sent)) throw new Error(sent.message)
    expect(await sent.settled).toEqual({ kind: 'accepted' })
  }
  await create('before')
  await expect.poll(() => mara.connection()).toMatchObject({ storage: 'persistent', waiting: 0 })
  // What PostgreSQL says when a write finds no room.
  await db.exec(`create function no_room() returns trigger as $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$ language plpgsql;
    create trigger no_room before insert or update on cursors for each row execute function no_room()`)
  await create('during')
  await expect.poll(() => mara.connection()).toMatchObject({ storage: 'full' })
  await create('after')
  await expect.poll(() => mara.connection().waiting).toBe(0)
  await expect.poll(() => [...mara.rows('sessions').keys()].toSorted()).toEqual(['after', 'before', 'during'])
  expect(mara.isPending('sessions', 'during')).toBe(false)
  await mara.close()
})
