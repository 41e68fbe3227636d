import { PGlite } from '@electric-sql/pglite'
import { type ItemRow, PROJECTION_VERSION, type RowChange } from '@coppice/events'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MemoryStore } from '../memory-store.ts'
import { PgliteStore } from '../pglite-store.ts'
import type { Store } from '../store.ts'
import { parseQuery } from './query.ts'

const LOG = 'workspace:w'

let db: PGlite
beforeAll(async () => {
  db = await PGlite.create()
})
afterAll(() => db.close())

async function emptyPglite(): Promise<PgliteStore> {
  const store = await PgliteStore.open(db)
  await store.eraseLog(LOG)
  await store.beginRebuild()
  await store.finishRebuild(PROJECTION_VERSION)
  return store
}

function item(itemId: string, text: string, more: Partial<ItemRow> = {}): RowChange {
  const row: ItemRow = {
    itemId,
    sessionId: 's',
    workspaceId: 'w',
    seq: 1,
    queue: 0,
    turnId: '',
    parentId: '',
    kind: 'agent',
    status: 'done',
    author: '',
    at: 1,
    text,
    detail: {},
    ...more,
  }
  return { table: 'items', key: itemId, row }
}

let position = 0
function apply(store: Store, changes: readonly RowChange[]): Promise<void> {
  position += 1
  return store.apply({ cursor: { log: LOG, epoch: 'e', position }, events: [], changes, states: [] })
}

const find = async (store: Store, text: string, limit = 100): Promise<string[]> =>
  (await store.search(parseQuery(text), limit, undefined)).map((row) => row.itemId)

/** Few words, so that they meet; with what is odd in texts. */
const word = fc.constantFrom(
  'rate',
  'Rate',
  'rates',
  'limit',
  'été',
  'ETE',
  '東京',
  'a',
  "o'hara",
  'x\u0000y',
  '🎉',
  '\\',
)
const text = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '))
const query = fc
  .array(
    fc.oneof(
      word,
      fc.tuple(word, word).map(([a, b]) => `"${a} ${b}"`),
      word.map((one) => `-${one}`),
      word.map((one) => `${one.slice(0, 2)}*`),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.join(' '))

test('[LF-2] the index finds what reading every text finds, in the same order, whatever is changed and taken away', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ key: fc.nat(8), text: fc.option(text, { nil: undefined }), at: fc.nat(3) }), {
        maxLength: 20,
      }),
      fc.array(query, { minLength: 3, maxLength: 3 }),
      async (deeds, queries) => {
        const stores = [new MemoryStore(), await emptyPglite()] as const
        for (const store of stores) {
          const first = new Map<number, number>()
          for (const deed of deeds) {
            const key = `i${deed.key}`
            // A row keeps its time; only its text changes.
            const at = first.get(deed.key) ?? deed.at
            first.set(deed.key, at)
            await apply(store, [
              deed.text === undefined ? { table: 'items', key, row: null } : item(key, deed.text, { at }),
            ])
            if (deed.text === undefined) first.delete(deed.key)
          }
        }
        for (const one of queries) expect(await find(stores[1], one)).toEqual(await find(stores[0], one))
      },
    ),
    { numRuns: 60 },
  )
})

test('[LF-2] pages of hits join without hole or repeat, also where many are of one moment', async () => {
  for (const store of [new MemoryStore(), await emptyPglite()]) {
    await apply(
      store,
      Array.from({ length: 57 }, (_, n) => item(`i${n}`, `hit number ${n}`, { at: Math.floor(n / 20) })),
    )
    const all = await find(store, 'hit ')
    expect(all).toHaveLength(57)
    const paged: string[] = []
    let after: { at: number; key: string } | undefined
    for (;;) {
      const rows = await store.search(parseQuery('hit '), 10, after)
      paged.push(...rows.map((row) => row.itemId))
      const last = rows.at(-1)
      if (!last) break
      after = { at: last.at, key: last.itemId }
    }
    expect(paged).toEqual(all)
  }
})

test('[LF-2] among thousands of texts the newest are found first, page by page, whatever order they came in and however frequent the words', async () => {
  const stores = [new MemoryStore(), await emptyPglite()] as const
  // Come in parts, from the middle of the past and from its ends; many of one moment.
  const texts = Array.from({ length: 4_000 }, (_, n) => {
    const at = n % 5 === 0 ? 777 : (n * 7_919) % 4_001
    const words = ['every', ...(at < 300 ? ['ancient'] : []), ...(n % 2 === 0 ? ['even'] : []), `number${n % 400}`]
    return item(`i${n}`, words.join(' '), { at })
  })
  for (const store of stores) {
    for (let from = 0; from < texts.length; from += 250) await apply(store, texts.slice(from, from + 250))
    await apply(store, [
      item('i9', 'every change', { at: (9 * 7_919) % 4_001 }),
      { table: 'items', key: 'i11', row: null },
    ])
  }
  for (const typed of [
    'every ',
    'ancient ',
    'even ancient ',
    '"every even" ',
    'number7 ',
    'every -even ',
    'change ',
    'num',
  ]) {
    const pages: string[][] = []
    for (const store of stores) {
      const first = await store.search(parseQuery(typed), 20, undefined)
      const last = first.at(-1)
      const second = last ? await store.search(parseQuery(typed), 20, { at: last.at, key: last.itemId }) : []
      pages.push([...first, ...second].map(({ itemId }) => itemId))
    }
    expect({ typed, found: pages[1] }).toEqual({ typed, found: pages[0] })
    expect(pages[0]?.length).toBeGreaterThan(0)
  }
})

test('titles and targets of tools and entries of plans are found; thoughts and output are not', async () => {
  for (const store of [new MemoryStore(), await emptyPglite()]) {
    await apply(store, [
      item('tool', 'secretoutput', { kind: 'tool', detail: { title: 'Read', target: 'src/hooks/route.ts' } }),
      item('plan', '', { kind: 'plan', detail: { entries: [{ text: 'sharpen the axe', status: 'pending' }] } }),
      item('thinking', 'a thought', { kind: 'thinking' }),
    ])
    expect(await find(store, 'route')).toEqual(['tool'])
    expect(await find(store, 'axe')).toEqual(['plan'])
    expect(await find(store, 'thought')).toEqual([])
    expect(await find(store, 'secretoutput')).toEqual([])
  }
})

test('[LF-5] a batch that fails leaves the index as it was, and the next start writes it', async () => {
  const store = await emptyPglite()
  await apply(store, [item('i', 'before')])
  await db.exec(`create or replace function break_it() returns trigger as $$ begin raise exception 'disk full'; end $$ language plpgsql;
    create trigger break_it before insert or update on cursors for each row execute function break_it()`)
  await expect(apply(store, [item('i', 'after')])).rejects.toThrow('disk full')
  await db.exec('drop trigger break_it on cursors')
  const started = await PgliteStore.open(db)
  expect(await find(started, 'before ')).toEqual(['i'])
  await apply(started, [item('i', 'after')])
  expect(await find(started, 'before ')).toEqual([])
  expect(await find(started, 'after ')).toEqual(['i'])
})

test('[AC-5] what is erased with its log is found no more', async () => {
  const store = await emptyPglite()
  await apply(store, [item('i', 'private matter')])
  await store.eraseLog(LOG)
  expect(await find(store, 'private ')).toEqual([])
  for (const table of ['search_parts', 'search_blocks', 'search_keys'])
    expect((await db.query(`select * from ${table}`)).rows).toEqual([])
})
