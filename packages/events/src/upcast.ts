/** Lifts the data of one event or command type from one schema version to the next. Pure; tested on golden logs that are never edited (EV-4). */
export interface Upcaster {
  readonly type: string
  /** The version it reads; it gives `from + 1`. */
  readonly from: number
  readonly lift: (data: Record<string, unknown>) => Record<string, unknown>
}

/** Every upcaster of events there is, oldest first. Never remove one: logs of that age exist. */
export const UPCASTERS: readonly Upcaster[] = []

/** Every upcaster of commands, oldest first: outboxes of that age exist, on devices that were off line since (SY-9). */
export const COMMAND_UPCASTERS: readonly Upcaster[] = []

/**
 * Data of `type` at `version`, lifted to `target`.
 * @throws {RangeError} if a step is missing: an upcaster was removed, or never written.
 */
export function upcast(
  type: string,
  version: number,
  target: number,
  data: Record<string, unknown>,
  upcasters: readonly Upcaster[] = UPCASTERS,
): Record<string, unknown> {
  let lifted = data
  for (let at = version; at < target; at += 1) {
    const step = upcasters.find((one) => one.type === type && one.from === at)
    if (!step) throw new RangeError(`No upcaster for ${type} from version ${at} to ${at + 1}.`)
    lifted = step.lift(lifted)
  }
  return lifted
}
