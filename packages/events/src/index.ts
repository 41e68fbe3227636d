export * from './access.ts'
export * from './actor.ts'
export * from './canonical.ts'
export * from './command.ts'
export * from './make.ts'
export { unreachable, type DecideContext, type Decider, type EventMeta } from './decider.ts'
export * from './domain.ts'
export * from './envelope.ts'
export * from './ids.ts'
export type { InstanceCommand, InstanceEvent, InstanceState } from './instance/index.ts'
export { liftCommand } from './lift-command.ts'
export * from './limits.ts'
export { logEvents, type LogCommand, type LogEvent } from './log/index.ts'
export * from './rebase.ts'
export * from './payload.ts'
export * from './proof/index.ts'
export * from './refusal.ts'
export * from './rows/tables.ts'
export type { RunnerCommand, RunnerEvent, RunnerState } from './runner/index.ts'
export type { SessionCommand } from './session/commands.ts'
export { attachedTo } from './session/attached.ts'
export { nameFromText } from './session/decide.ts'
export type { SessionEvent } from './session/events.ts'
export { isTerminal, type SessionState } from './session/state.ts'
export {
  actionSchema,
  planSchema,
  questionSchema,
  ticketSchema,
  type Action,
  type ActionAnswer,
  type Question,
} from './session/action-vocabulary.ts'
export { actionsIn, readActionBlock, type ActionBlock } from './session/action-blocks.ts'
export { answerMessage, answerWords } from './session/action-text.ts'
export { toggleIds, withToggle, type Toggle } from './session/toggles.ts'
export * from './session/vocabulary.ts'
export { STREAMS, streamKind, streamSubject } from './streams.ts'
export * from './upcast.ts'
export type { UserCommand, UserEvent, UserState } from './user/index.ts'
export type { WorkspaceCommand } from './workspace/commands.ts'
export { sourceSchema, type RepositorySource, type WorkspaceEvent } from './workspace/events.ts'
export type { WorkspaceState } from './workspace/state.ts'
