import type { Actor } from './actor.ts'
import { canonicalText, isLargerThan, utf8Length } from './canonical.ts'
import type { Command } from './command.ts'
import { metaOf } from './decider.ts'
import { draftEventSchema, type AnyEvent, type DraftEvent, type RecordedEvent } from './envelope.ts'
import { eventIdOf, idIn, type LogId, type StreamId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { isRefusal, refuse, type Refusal } from './refusal.ts'
import type { ReadRow, RowChange, RowRef } from './rows/tables.ts'
import { STREAMS, streamKind, streamSubject, type StreamKind } from './streams.ts'
import { upcast } from './upcast.ts'
import { liftCommand } from './lift-command.ts'

/** Current schema version of an event type. Raise it together with an upcaster from the version before. */
const VERSIONS: Readonly<Record<string, number>> = {}
export const schemaVersionOf = (type: string): number => VERSIONS[type] ?? 1

/** A stream's state as its decider sees it; opaque outside the stream's own folder. */
export type StreamState = { readonly __state: 'opaque' } & object

const definitionOf = (log: LogId, stream: StreamId) => {
  const kind = streamKind(log, stream)
  return kind && STREAMS[kind]
}

/** The state of a stream without events. Undefined for a stream that has no place in that log. */
export function initialState(log: LogId, stream: StreamId): StreamState | undefined {
  return definitionOf(log, stream)?.decider.initial as StreamState | undefined
}

/** Whether this code can read the event: its type is known and its data not sealed. Others are kept, forwarded and skipped (EV-4). */
export const isKnown = (event: Pick<AnyEvent, 'log' | 'stream' | 'type' | 'sealed'>): boolean =>
  event.sealed === undefined && definitionOf(event.log, event.stream)?.events[event.type] !== undefined

/** Folds an event into its stream's state; unknown types leave it as it is. */
export function evolve(state: StreamState, event: AnyEvent): StreamState {
  const definition = definitionOf(event.log, event.stream)
  if (!definition || !isKnown(event)) return state
  return definition.decider.evolve(state, { type: event.type, data: event.data }, metaOf(event)) as StreamState
}

/**
 * Decides a command: events ready for the log but for position and time of recording, or the reason why not.
 * Pure: the same command on the same state gives the same events with the same ids (EV-5).
 */
export function decide(
  command: Command,
  state: StreamState,
  context: { actor: Actor; now: number },
): readonly DraftEvent[] | Refusal {
  const definition = definitionOf(command.log, command.stream)
  const schema = definition?.commands[command.type]
  if (!definition || !schema) {
    return refuse(
      'unsupported',
      `No command ${command.type} on stream ${command.stream} of log ${command.log}. Is the app up to date?`,
    )
  }
  const lifted = liftCommand(command)
  if (isRefusal(lifted)) return lifted
  const parsed = schema.safeParse(lifted.data)
  if (!parsed.success) return refuse('invalid', firstIssue(parsed.error.issues))
  const misplaced = wrongSubject(command, parsed.data)
  if (misplaced) return misplaced
  const decision = definition.decider.decide({ type: command.type, data: parsed.data }, state, context)
  if (isRefusal(decision)) return decision
  const events = decision.map((event, n): DraftEvent => ({
    id: eventIdOf(command.id, n),
    log: command.log,
    stream: command.stream,
    type: event.type,
    schemaVersion: schemaVersionOf(event.type),
    actor: context.actor,
    causationId: command.id,
    correlationId: command.correlationId,
    occurredAt: command.occurredAt,
    data: event.data as Record<string, unknown>,
  }))
  const large = events.find((event) => isLargerThan(event.data, LIMITS.eventBytes))
  return large
    ? refuse('too_large', `This would make an event of more than ${LIMITS.eventBytes / 1024} KiB (${large.type}).`)
    : events
}

/** An id in the data that contradicts the stream the command is addressed to. */
function wrongSubject(command: Command, data: unknown): Refusal | undefined {
  const named = data as {
    sessionId?: string
    workspaceId?: string
    runnerId?: string
    groupId?: string
    botId?: string
  }
  const kind = streamKind(command.log, command.stream)
  const wrong =
    (kind === 'session' &&
      ((named.sessionId ?? idIn(command.stream)) !== idIn(command.stream) ||
        (named.workspaceId ?? idIn(command.log)) !== idIn(command.log))) ||
    (kind === 'group' &&
      ((named.groupId ?? idIn(command.stream)) !== idIn(command.stream) ||
        (named.workspaceId ?? idIn(command.log)) !== idIn(command.log))) ||
    (kind === 'bot' &&
      ((named.botId ?? idIn(command.stream)) !== idIn(command.stream) ||
        (named.workspaceId ?? idIn(command.log)) !== idIn(command.log))) ||
    (kind === 'workspace' && (named.workspaceId ?? idIn(command.log)) !== idIn(command.log)) ||
    (kind === 'runner' && (named.runnerId ?? idIn(command.stream)) !== idIn(command.stream))
  return wrong
    ? refuse('invalid', `The ids in ${command.type} do not fit stream ${command.stream} of log ${command.log}.`)
    : undefined
}

/**
 * Checks an event against its type's schema, lifted to the current version first.
 * Unknown types pass as they are; so do events of a schema version from the future.
 *
 * @throws {Error} naming type and field, if a known event does not fit its schema.
 */
export function parseEvent<T extends AnyEvent>(event: T): T {
  const schema = definitionOf(event.log, event.stream)?.events[event.type]
  const current = schemaVersionOf(event.type)
  if (!schema || event.sealed || event.schemaVersion > current) return event
  const parsed = schema.safeParse(upcast(event.type, event.schemaVersion, current, event.data))
  if (!parsed.success) throw new Error(`Event ${event.type} ${event.id}: ${firstIssue(parsed.error.issues)}`)
  return { ...event, schemaVersion: current, data: parsed.data as Record<string, unknown> }
}

/** Checks an observation as a runner sent it: a known observation type on a fitting stream, valid, and not too large. */
export function parseObservation(value: unknown): DraftEvent | Refusal {
  const shape = draftEventSchema.safeParse(value)
  if (!shape.success) return refuse('invalid', firstIssue(shape.error.issues))
  const event = shape.data
  const definition = definitionOf(event.log, event.stream)
  if (!definition?.observations.includes(event.type))
    return refuse('forbidden', `${event.type} is not an observation on stream ${event.stream}.`)
  if (!event.producer) return refuse('invalid', 'An observation names its producer.')
  if (event.sealed) return refuse('unsupported', 'Sealed events are not taken yet.')
  const size = utf8Length(canonicalText(event.data))
  if (size > LIMITS.eventBytes)
    return refuse('too_large', `An event is at most ${LIMITS.eventBytes} bytes; this ${event.type} has ${size}.`)
  const parsed = definition.events[event.type]?.safeParse(event.data)
  if (!parsed?.success) return refuse('invalid', `${event.type}: ${firstIssue(parsed?.error.issues ?? [])}`)
  return { ...event, data: parsed.data as Record<string, unknown> }
}

const PAST_EVERY_POSITION = 2 ** 50

const sourceOf = (event: AnyEvent, optimisticIndex: number) => ({
  streamId: streamSubject(event.log, event.stream),
  logId: idIn(event.log) || event.log,
  actor: event.actor,
  at: event.recordedAt ?? event.occurredAt,
  seq: event.position ?? PAST_EVERY_POSITION + optimisticIndex,
})

/** The rows that {@link project} will read for this event; storage loads them first. */
export function rowRefs(event: AnyEvent): readonly RowRef[] {
  const definition = definitionOf(event.log, event.stream)
  if (!definition || !isKnown(event)) return []
  return definition.projector.refs({ type: event.type, data: event.data }, streamSubject(event.log, event.stream))
}

/**
 * What an event changes in the read models. `read` must answer for every row of {@link rowRefs}.
 * `optimisticIndex` orders events that have no position yet.
 */
export function project(event: AnyEvent, read: ReadRow, optimisticIndex = 0): readonly RowChange[] {
  const definition = definitionOf(event.log, event.stream)
  if (!definition || !isKnown(event)) return []
  return definition.projector.project({ type: event.type, data: event.data }, sourceOf(event, optimisticIndex), read)
}

/** The stored form: canonical JSON text of everything but what the server adds. Its hash tells same id, other content. */
export const eventText = (event: DraftEvent | RecordedEvent): string => {
  const {
    id,
    log,
    stream,
    type,
    schemaVersion,
    actor,
    causationId,
    correlationId,
    occurredAt,
    data,
    producer,
    sealed,
  } = event
  return canonicalText({
    id,
    log,
    stream,
    type,
    schemaVersion,
    actor,
    causationId,
    correlationId,
    occurredAt,
    data,
    ...(producer && { producer }),
    ...(sealed && { sealed }),
  })
}

export function firstIssue(issues: readonly { path: PropertyKey[]; message: string }[]): string {
  const issue = issues[0]
  if (!issue) return 'not valid'
  const where = issue.path.map(String).join('.')
  return where ? `${where}: ${issue.message}` : issue.message
}

export type { StreamKind }

/** The refusal that any server would give for a command, whatever the state: unknown, not valid, or misplaced. */
export function checkCommand(command: Command): Refusal | undefined {
  const schema = definitionOf(command.log, command.stream)?.commands[command.type]
  if (!schema)
    return refuse('unsupported', `No command ${command.type} on stream ${command.stream} of log ${command.log}.`)
  const lifted = liftCommand(command)
  if (isRefusal(lifted)) return lifted
  const parsed = schema.safeParse(lifted.data)
  return parsed.success ? wrongSubject(command, parsed.data) : refuse('invalid', firstIssue(parsed.error.issues))
}
