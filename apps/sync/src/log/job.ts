import type { Command, DraftEvent, Refusal } from '@coppice/events'
import type { Observed } from '@coppice/protocol'
import type { Principal, Sender } from '../principal.ts'
import type { Outcome } from './receipt.ts'

/** A command waiting to be decided. */
export interface CommandJob {
  readonly kind: 'command'
  readonly command: Command
  readonly sender: Sender
  readonly content: string
  done(outcome: Outcome): void
  failed(error: Error): void
}

/** What became of a batch of observations: its answer on the wire but for the batch's name. */
export type ObservedOutcome = Pick<Observed, 'refusal' | 'rejected'>

/** Facts of a runner, checked against their schemas, waiting for their place. */
export interface ObservationJob {
  readonly kind: 'observations'
  readonly events: readonly DraftEvent[]
  readonly runner: Principal
  /** Events that were rejected before they came here. */
  readonly rejected: readonly { readonly id: string; readonly refusal: Refusal }[]
  done(outcome: ObservedOutcome): void
  failed(error: Error): void
}

export type Job = CommandJob | ObservationJob
