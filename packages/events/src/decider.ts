import type { z } from 'zod'
import type { Actor } from './actor.ts'
import type { AnyEvent } from './envelope.ts'
import type { Refusal } from './refusal.ts'

/** Schemas by event or command type. */
export type Shapes = Readonly<Record<string, z.ZodType>>

/** The union of `{ type, data }` that a set of schemas describes. */
export type Described<S extends Shapes> = {
  [T in keyof S & string]: { readonly type: T; readonly data: z.output<S[T]> }
}[keyof S & string]

/** What a decider may know besides command and state. Time and ids come in from outside (EV-5). */
export interface DecideContext {
  readonly actor: Actor
  /** Server's clock when deciding for the log, the device's when deciding for the screen. Milliseconds. */
  readonly now: number
}

/** An event's place, for evolvers and projectors that show it. */
export interface EventMeta {
  readonly id: AnyEvent['id']
  readonly actor: Actor
  readonly at: number
  /** Absent while the event is only optimistic. */
  readonly position: number | undefined
}

/**
 * One kind of stream: three pure functions (the decider pattern; see Emmett).
 * A decision is a list of events, possibly empty, or a refusal.
 */
export interface Decider<State, C extends { type: string }, E extends { type: string }> {
  readonly initial: State
  decide(command: C, state: State, context: DecideContext): readonly E[] | Refusal
  evolve(state: State, event: E, meta: EventMeta): State
}

export const metaOf = (event: AnyEvent): EventMeta => ({
  id: event.id,
  actor: event.actor,
  at: event.recordedAt ?? event.occurredAt,
  position: event.position,
})

/** For the default branch of a switch over a union: reaching it is a type error, and a clear error at run time. */
export function unreachable(value: never): never {
  throw new Error(`Not handled: ${JSON.stringify(value)}`)
}
