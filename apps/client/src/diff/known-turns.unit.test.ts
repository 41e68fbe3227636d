import type { ItemRow } from '@coppice/events'
import type { Conversation, Replica } from '@coppice/replica'
import { expect, test } from 'vitest'
import { KnownTurns } from './known-turns.ts'

const message = { itemId: 'm', turnId: 't', kind: 'user', author: 'mara', text: 'Do it.', detail: {} } as ItemRow

/** A conversation that is on its way to this device, as far as it is read here. */
function coming() {
  const here = { rows: [] as ItemRow[], whole: false, reads: 0 }
  const conversation: Partial<Conversation> = {
    ready: Promise.resolve(),
    whole: () => here.whole,
    spine: () => {
      here.reads += 1
      return here.rows as never
    },
    load: async () => undefined,
    body: (id) => here.rows.find(({ itemId }) => itemId === id),
    close: () => undefined,
  }
  const replica = { openConversation: () => conversation } as unknown as Replica
  return { here, turns: new KnownTurns(replica, 's') }
}

test('[AU-5] what a turn was is read again while its session is still being fetched, and once when all of it is here', async () => {
  const { here, turns } = coming()
  await turns.load('t')
  expect(turns.get('t')).toMatchObject({ author: '', message: '' })
  here.rows = [message]
  here.whole = true
  await turns.load('t')
  expect(turns.get('t')).toMatchObject({ messageId: 'm', author: 'mara', message: 'Do it.' })
  const { reads } = here
  await turns.load('t')
  expect(here.reads).toBe(reads)
})
