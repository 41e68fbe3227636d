import type { Command } from './command.ts'
import type { AnyEvent, DraftEvent } from './envelope.ts'
import type { BotCommand, BotState } from './bot/index.ts'
import type { GroupCommand } from './group/index.ts'
import { COMMAND_VERSIONS } from './lift-command.ts'
import type { CommandId, EventId, LogId, StreamId } from './ids.ts'
import type { InstanceCommand } from './instance/index.ts'
import type { LogCommand } from './log/index.ts'
import type { RunnerCommand, RunnerEvent } from './runner/index.ts'
import type { SessionCommand } from './session/commands.ts'
import type { SessionEvent } from './session/events.ts'
import type { SessionState } from './session/state.ts'
import { isKnown, type StreamState } from './domain.ts'
import type { UserCommand } from './user/index.ts'
import type { WorkspaceCommand } from './workspace/commands.ts'
import type { WorkspaceEvent } from './workspace/events.ts'
import type { WorkspaceState } from './workspace/state.ts'

/** Every command there is, as `{ type, data }`. */
export type KnownCommand =
  | SessionCommand
  | GroupCommand
  | BotCommand
  | WorkspaceCommand
  | InstanceCommand
  | RunnerCommand
  | UserCommand
  | LogCommand
export type CommandData<T extends KnownCommand['type']> = Extract<KnownCommand, { type: T }>['data']

/** A command ready to send. `correlationId` defaults to its own id: it is the root of what follows. */
export function makeCommand<T extends KnownCommand['type']>(
  address: { log: LogId; stream: StreamId },
  type: T,
  data: CommandData<T>,
  stamp: { id: string; now: number; correlationId?: string },
): Command {
  const version = COMMAND_VERSIONS[type]
  return {
    ...address,
    id: stamp.id as CommandId,
    type,
    ...(version !== undefined && { schemaVersion: version }),
    data: data as Record<string, unknown>,
    occurredAt: stamp.now,
    correlationId: stamp.correlationId ?? stamp.id,
  }
}

/** Every event that can be on a stream a runner observes, as `{ type, data }`. */
export type KnownObservation = SessionEvent | WorkspaceEvent | RunnerEvent
export type ObservationData<T extends KnownObservation['type']> = Extract<KnownObservation, { type: T }>['data']

/** An observation ready to append, but for its producer. */
export function makeObservation<T extends KnownObservation['type']>(
  address: { log: LogId; stream: StreamId },
  type: T,
  data: ObservationData<T>,
  stamp: { id: string; now: number; actor: DraftEvent['actor']; causationId: string; correlationId: string },
): DraftEvent {
  return {
    ...address,
    id: stamp.id as EventId,
    type,
    schemaVersion: 1,
    actor: stamp.actor,
    causationId: stamp.causationId,
    correlationId: stamp.correlationId,
    occurredAt: stamp.now,
    data: data as Record<string, unknown>,
  }
}

/** A session stream's state, with its type; only for states of `session/…` streams. */
export const asSession = (state: StreamState): SessionState => state as unknown as SessionState
/** A checked event of a session's stream, with its type; undefined for one that this code does not know. */
export const asSessionEvent = (event: AnyEvent): SessionEvent | undefined =>
  isKnown(event) ? (event as unknown as SessionEvent) : undefined
/** A bot stream's state, with its type; only for states of `bot/…` streams. */
export const asBot = (state: StreamState): BotState => state as unknown as BotState
/** A workspace stream's state, with its type; only for states of the `workspace` stream. */
export const asWorkspace = (state: StreamState): WorkspaceState => state as unknown as WorkspaceState
