import { botCommands, botDecider, botEvents, botProjector } from './bot/index.ts'
import type { Decider, Shapes } from './decider.ts'
import { idIn, LOG_STREAM, type LogId, type StreamId } from './ids.ts'
import { groupCommands, groupDecider, groupEvents, groupProjector } from './group/index.ts'
import { instanceCommands, instanceDecider, instanceEvents, instanceProjector } from './instance/index.ts'
import { logCommands, logDecider, logEvents, logProjector } from './log/index.ts'
import type { Projector } from './rows/tables.ts'
import { runnerCommands, runnerDecider, runnerEvents, runnerObservations, runnerProjector } from './runner/index.ts'
import { sessionCommands } from './session/commands.ts'
import { sessionDecider } from './session/decider.ts'
import { sessionEvents, sessionObservations } from './session/events.ts'
import { sessionProjector } from './session/rows.ts'
import { userCommands, userDecider, userEvents, userProjector } from './user/index.ts'
import { workspaceCommands } from './workspace/commands.ts'
import { workspaceDecider } from './workspace/decide.ts'
import { workspaceEvents, workspaceObservations } from './workspace/events.ts'
import { workspaceProjector } from './workspace/rows.ts'

export const streamKinds = ['instance', 'runner', 'user', 'workspace', 'session', 'group', 'bot', 'log'] as const
export type StreamKind = (typeof streamKinds)[number]

/** Everything the domain says about one kind of stream, with the types of its parts forgotten. */
export interface StreamDefinition {
  readonly events: Shapes
  readonly commands: Shapes
  /** Event types that only a runner may append, as facts. */
  readonly observations: readonly string[]
  readonly decider: Decider<unknown, { type: string; data: unknown }, { type: string; data: unknown }>
  readonly projector: Projector<{ type: string; data: unknown }>
}

/**
 * The one place where typed stream parts become untyped: `decide`, `evolve` and `project` in domain.ts call them only
 * with data that this definition's own schemas have parsed, which is what makes the cast sound.
 */
function define<State, C extends { type: string }, E extends { type: string }>(parts: {
  events: Shapes
  commands: Shapes
  observations: readonly string[]
  decider: Decider<State, C, E>
  projector: Projector<E>
}): StreamDefinition {
  return parts as unknown as StreamDefinition
}

export const STREAMS: Readonly<Record<StreamKind, StreamDefinition>> = {
  instance: define({
    events: instanceEvents,
    commands: instanceCommands,
    observations: [],
    decider: instanceDecider,
    projector: instanceProjector,
  }),
  runner: define({
    events: runnerEvents,
    commands: runnerCommands,
    observations: runnerObservations,
    decider: runnerDecider,
    projector: runnerProjector,
  }),
  user: define({
    events: userEvents,
    commands: userCommands,
    observations: [],
    decider: userDecider,
    projector: userProjector,
  }),
  workspace: define({
    events: workspaceEvents,
    commands: workspaceCommands,
    observations: workspaceObservations,
    decider: workspaceDecider,
    projector: workspaceProjector,
  }),
  session: define({
    events: sessionEvents,
    commands: sessionCommands,
    observations: sessionObservations,
    decider: sessionDecider,
    projector: sessionProjector,
  }),
  group: define({
    events: groupEvents,
    commands: groupCommands,
    observations: [],
    decider: groupDecider,
    projector: groupProjector,
  }),
  bot: define({
    events: botEvents,
    commands: botCommands,
    observations: [],
    decider: botDecider,
    projector: botProjector,
  }),
  log: define({
    events: logEvents,
    commands: logCommands,
    observations: [],
    decider: logDecider,
    projector: logProjector,
  }),
}

/** Sessions first: most events are theirs. */
function kindNamed(stream: StreamId): StreamKind | undefined {
  if (stream.startsWith('session/')) return 'session'
  if (stream.startsWith('runner/')) return 'runner'
  return streamKinds.find((one) => stream === one || stream.startsWith(`${one}/`))
}

/** The kind of a stream, if it stands in a log where such streams belong. */
export function streamKind(log: LogId, stream: StreamId): StreamKind | undefined {
  const kind = kindNamed(stream)
  const home = log === 'instance' ? 'instance' : log.startsWith('user:') ? 'user' : 'workspace'
  if (kind === 'log') return stream === LOG_STREAM ? kind : undefined
  const fits =
    home === 'instance'
      ? kind === 'instance' || kind === 'runner'
      : home === 'user'
        ? kind === 'user'
        : kind === 'workspace' || kind === 'session' || kind === 'group' || kind === 'bot'
  return fits ? kind : undefined
}

/** The id that a stream's rows go by: of the stream itself, or of its log where the stream is the log's only one of its kind. */
export const streamSubject = (log: LogId, stream: StreamId): string => idIn(stream) || idIn(log) || log
