import {
  asSession,
  canonicalText,
  evolve,
  holderOf,
  initialState,
  type AnyRow,
  type RecordedEvent,
  type StreamState,
} from '@coppice/events'
import { foldRows } from '@coppice/events/testing'
import * as Y from 'yjs'
import type { Disk } from './disk.ts'
import { LOG, type SimClient } from './sim-client.ts'
import type { SimRunner } from './sim-runner.ts'
import type { SimWriter } from './sim-writer.ts'

/** What was promised to everybody in a world: what must hold at every moment, and what at the end. */
export class Promises {
  readonly #disk: Disk
  readonly #clients: readonly SimClient[]
  readonly #runners: readonly SimRunner[]
  readonly #writers: readonly SimWriter[]
  readonly #room: string
  /** How long each log was when it was last looked at. */
  readonly #lengths = new Map<string, number>()
  /** Answered commands that a restore took from the disk: their devices have to offer them again. */
  readonly #takenBack = new Set<string>()

  constructor(of: {
    disk: Disk
    clients: readonly SimClient[]
    runners: readonly SimRunner[]
    writers: readonly SimWriter[]
    room: string
  }) {
    this.#disk = of.disk
    this.#clients = of.clients
    this.#runners = of.runners
    this.#writers = of.writers
    this.#room = of.room
  }

  /**
   * A backup takes the place of what is on the disk. Clients offer again what it lacks, also where the old answer is still on
   * its way to them. What runners had handed over and the backup lacks is gone: it is in their records, not in the log.
   */
  restoring(putBack: () => void): void {
    for (const { clicked } of this.#clients)
      for (const id of clicked.keys()) if (this.#isAnswered(id)) this.#takenBack.add(id)
    putBack()
    this.#lengths.clear()
    for (const { seen, disk, handedOver } of this.#runners) {
      const kept = new Set([...handedOver].flatMap(([id, facts]) => (this.#has(id) || disk.has(id) ? facts : [])))
      for (const id of seen) if (!this.#has(id) && !disk.has(id) && !kept.has(id)) seen.delete(id)
    }
  }

  /** What must hold at every moment. */
  check(): void {
    for (const { id, bodies } of this.#disk.logs) {
      if (bodies.length < (this.#lengths.get(id) ?? 0)) throw new Error(`log ${id} became shorter`)
      this.#lengths.set(id, bodies.length)
    }
    for (const client of this.#clients) {
      if (client.distrust !== '') throw new Error(`${client.actor} distrusts the server: ${client.distrust}`)
      for (const [commandId, settled] of client.settled)
        if (settled === 'accepted' && !this.#isAnswered(commandId) && !this.#takenBack.has(commandId))
          throw new Error(`${client.actor} was told that ${commandId} is accepted, and the disk does not have it`)
    }
    const working = this.#runners.flatMap((runner) => [...runner.working])
    if (new Set(working).size < working.length) throw new Error(`two runners work in one session: ${working.join()}`)
  }

  /** What has not come to rest yet; empty when all has. */
  async missing(): Promise<string> {
    const events = this.#disk.events(LOG)
    for (const { actor, disk } of this.#runners) {
      if (disk.spool.length > 0) return `${disk.spool.length} facts in the spool of ${actor}`
      if (disk.orphans.length > 0) return `${disk.orphans.length} facts that ${actor} has not handed over`
    }
    for (const client of this.#clients) {
      const missing = await this.#missingOn(client, events.length)
      if (missing !== '') return missing
    }
    for (const [stream, state] of fold(events)) {
      if (!stream.startsWith('session/')) continue
      const session = asSession(state)
      if (session.turn) return `a turn of ${stream} has not ended`
      if (session.queue.length > 0 && session.held === 'none') return `messages of ${stream} were not delivered`
    }
    if (new Set(this.#texts()).size > 1) return `the document differs: ${this.#texts().join(' / ')}`
    return ''
  }

  async #missingOn({ actor, outbox, store, clicked }: SimClient, head: number): Promise<string> {
    const waiting = (await outbox.entries()).length
    if (waiting > 0) return `${waiting} commands in the outbox of ${actor}`
    const position = (await store.cursors()).find((cursor) => cursor.log === LOG)?.position ?? 0
    if (position !== head) return `${actor} stands at ${position} of ${head}`
    const left = (await store.leftStreams()).length
    if (actor === 'client 0' && left > 0) return `${actor} lacks ${left} sessions`
    const refused = new Set((await outbox.refused()).map(({ command }): string => command.id))
    for (const id of clicked.keys())
      if (!this.#isAnswered(id) && !refused.has(id)) return `command ${id} of ${actor} was never answered`
    return ''
  }

  /** What must hold when everything has come to rest. */
  async checkEnd(): Promise<void> {
    const events = this.#disk.events(LOG)
    if (new Set(events.map(({ id }) => id)).size !== events.length) throw new Error('an event is in the log twice')
    for (const [index, { position }] of events.entries())
      if (position !== index + 1) throw new Error(`position ${position} stands at place ${index + 1}`)
    const causes = new Map<string, number>()
    for (const { type, causationId } of events)
      if (type === 'message.queued') causes.set(causationId, (causes.get(causationId) ?? 0) + 1)
    for (const [id, count] of causes) if (count > 1) throw new Error(`command ${id} was carried out ${count} times`)
    this.#checkFacts()
    fold(events, checkHands)
    this.#checkDocument()
    const expected = foldRows(events)
    for (const client of this.#clients) await this.#checkReplica(client, expected)
  }

  /** Every fact is in the log, or stands beside its session in an orphaned run. */
  #checkFacts(): void {
    for (const { actor, seen, handedOver } of this.#runners) {
      const beside = new Set([...handedOver].flatMap(([id, facts]) => (this.#has(id) ? facts : [])))
      for (const id of seen) if (!this.#has(id) && !beside.has(id)) throw new Error(`fact ${id} of ${actor} was lost`)
    }
  }

  /** All words are there that nobody has taken out, and only those, in what each device and the disk have. */
  #checkDocument(): void {
    const cut = new Set(this.#writers.flatMap((writer) => [...writer.cut]))
    const expected = this.#writers.flatMap(({ put }) => [...put].filter((word) => !cut.has(word)))
    for (const text of this.#texts()) {
      const words = text.split(/(?<=;)/).filter((word) => word !== '')
      if (words.toSorted().join('') !== expected.toSorted().join(''))
        throw new Error(`the document is ${text}, its words are ${expected.join('')}`)
    }
  }

  /** The document as every device has it, and as the disk has it. */
  #texts(): string[] {
    if (this.#writers.length === 0) return []
    const doc = new Y.Doc()
    const room = this.#disk.rooms.find(({ name }) => name === this.#room)
    for (const bytes of room?.updates.values() ?? []) Y.applyUpdate(doc, bytes)
    return [doc.getText('draft').toJSON(), ...this.#writers.map(({ text }) => text)]
  }

  #has(eventId: string): boolean {
    return this.#disk.ids.has(eventId)
  }

  #isAnswered(commandId: string): boolean {
    return this.#has(`${commandId}.0`) || this.#disk.receipts.has(commandId)
  }

  async #checkReplica({ actor, store, clicked, outbox }: SimClient, expected: Map<string, AnyRow>): Promise<void> {
    const left = new Set((await store.leftStreams()).map(({ stream }) => stream.slice('session/'.length)))
    for (const table of ['sessions', 'items', 'workspaces', 'members'] as const) {
      const rows = new Map((await store.all(table)).map(({ key, row }) => [key, row]))
      for (const [name, row] of expected) {
        if (!name.startsWith(`${table} `)) continue
        const key = name.slice(table.length + 1)
        const isLeft = table === 'items' && left.has((row as { sessionId: string }).sessionId)
        const has = canonicalText(rows.get(key) ?? null)
        if (!isLeft && has !== canonicalText(row))
          throw new Error(`${actor} has ${name} as ${has}, not ${canonicalText(row)}`)
        rows.delete(key)
      }
      if (rows.size > 0)
        throw new Error(`${actor} has rows of ${table} that are not in the log: ${[...rows.keys()].join()}`)
    }
    const refused = new Set((await outbox.refused()).map(({ command }): string => command.id))
    for (const id of clicked.keys()) {
      const receipt = this.#disk.receipts.get(id)
      if (!this.#has(`${id}.0`) && receipt?.refusal && !refused.has(id))
        throw new Error(`the refusal of ${id} was lost on ${actor}`)
    }
  }
}

/** The state of every stream; `look` sees each event with the state that it came upon. */
function fold(
  events: readonly RecordedEvent[],
  look: (event: RecordedEvent, before: StreamState) => void = () => undefined,
): Map<string, StreamState> {
  const states = new Map<string, StreamState>()
  for (const event of events) {
    const before = states.get(event.stream) ?? initialState(event.log, event.stream)
    if (!before) continue
    look(event, before)
    states.set(event.stream, evolve(before, event))
  }
  return states
}

/** What a runner told of a session it told as the one that had it, and as having seen it under this change of hands (BE-8). */
function checkHands({ id, type, stream, producer }: RecordedEvent, before: StreamState): void {
  if (producer === undefined || !stream.startsWith('session/') || type === 'run.orphaned') return
  const session = asSession(before)
  const epoch = session.lease?.epoch ?? 0
  if (holderOf(session, 'r1') !== producer.id || (producer.lease ?? 0) !== epoch)
    throw new Error(`${type} ${id} of ${producer.id} stands in a session of ${holderOf(session, 'r1')} at ${epoch}`)
}
