import { project, type ItemRow, type ReadRow, type RecordedEvent } from '@coppice/events'

/**
 * The newest rows of conversations whose past is still on its way: shown meanwhile, and never stored. They are made of the newest
 * events alone, so what began before those is left out.
 */
export class Tails {
  readonly #sessions = new Map<string, ReadonlyMap<string, ItemRow>>()

  /** @param read for what is not of the conversation: the session's own row */
  take(sessionId: string, events: readonly RecordedEvent[], read: ReadRow): void {
    const items = new Map<string, ItemRow>()
    const readTail: ReadRow = (table, key) =>
      table === 'items' ? (items.get(key) as ReturnType<typeof read<typeof table>>) : read(table, key)
    for (const event of events)
      for (const { table, key, row } of project(event, readTail)) {
        if (table !== 'items') continue
        if (row === null || beganBefore(row as ItemRow)) items.delete(key)
        else items.set(key, row as ItemRow)
      }
    this.#sessions.set(sessionId, items)
  }

  /** The conversation is whole, or gone. */
  drop(sessionId: string): void {
    this.#sessions.delete(sessionId)
  }

  of(sessionId: string): readonly ItemRow[] | undefined {
    const items = this.#sessions.get(sessionId)
    return items && [...items.values()]
  }

  item(itemId: string): ItemRow | undefined {
    for (const items of this.#sessions.values()) {
      const found = items.get(itemId)
      if (found) return found
    }
    return undefined
  }
}

/** The end of a step does not say what it was. */
const beganBefore = ({ kind, detail }: ItemRow): boolean => kind === 'tool' && detail.family === undefined
