import type { Store } from '../store/store-calls.ts'

/** One stored update, or all up to its number as one. */
export interface StoredUpdate {
  readonly seq: number
  readonly bytes: Uint8Array
}

/** Where the updates of all rooms are kept. */
export type RoomRecords = Pick<RoomStore, 'open' | 'heads' | 'read' | 'append' | 'compact'>

/** The updates of all rooms in the database. */
export class RoomStore {
  readonly #store: Pick<Store, 'query'>

  constructor(store: Pick<Store, 'query'>) {
    this.#store = store
  }

  /** The room's number in the tables; a new name gets one. */
  async open(name: string): Promise<number> {
    const { rows } = await this.#store.query(
      'insert into yjs_rooms (name) values ($1) on conflict (name) do update set name = excluded.name returning no',
      [name],
    )
    return Number(rows[0]?.['no'])
  }

  /** The number of the last update that was stored of each of these rooms. */
  async heads(rooms: readonly number[]): Promise<Map<number, number>> {
    const { rows } = await this.#store.query('select no, head from yjs_rooms where no = any ($1::bigint[])', [
      [...rooms],
    ])
    return new Map(rows.map((row) => [Number(row['no']), Number(row['head'])]))
  }

  /** The updates after one of them, in order. */
  async read(room: number, after: number): Promise<StoredUpdate[]> {
    const { rows } = await this.#store.query(
      'select seq, bytes from yjs_updates where room_no = $1 and seq > $2 order by seq',
      [room, after],
    )
    return rows.map((row) => ({ seq: Number(row['seq']), bytes: row['bytes'] as Uint8Array }))
  }

  /** Stores one update for each of some rooms, all or none; the number each has got. Settles when they are on disk. */
  async append(
    updates: readonly { readonly room: number; readonly bytes: Uint8Array }[],
  ): Promise<Map<number, number>> {
    let offset = 1
    const rows = updates.map(({ room, bytes }) => {
      const row = { r: room, o: offset, l: bytes.length }
      offset += bytes.length
      return row
    })
    const answer = await this.#store.query('select room, seq from append_room_updates($1, $2)', [
      JSON.stringify(rows),
      Buffer.concat(updates.map(({ bytes }) => bytes)),
    ])
    return new Map(answer.rows.map((row) => [Number(row['room']), Number(row['seq'])]))
  }

  /** Puts one update in the place of all up to `upto`. */
  async compact(room: number, upto: number, bytes: Uint8Array): Promise<void> {
    await this.#store.query('select compact_room($1, $2, $3)', [room, upto, bytes])
  }
}
