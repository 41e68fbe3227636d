export * from './access.ts'
export * from './actor.ts'
export * from './budget.ts'
export * from './canonical.ts'
export * from './command.ts'
export * from './make.ts'
export { unreachable, type DecideContext, type Decider, type EventMeta } from './decider.ts'
export * from './domain.ts'
export * from './envelope.ts'
export * from './ids.ts'
export type { InstanceCommand, InstanceEvent, InstanceState } from './instance/index.ts'
export type { BotCommand, BotEvent, BotState } from './bot/index.ts'
export type { GroupCommand, GroupEvent, GroupState } from './group/index.ts'
export { liftCommand } from './lift-command.ts'
export * from './limits.ts'
export { logEvents, type LogCommand, type LogEvent } from './log/index.ts'
export * from './rebase.ts'
export * from './payload.ts'
export * from './proof/index.ts'
export * from './refusal.ts'
export * from './rows/session-tables.ts'
export * from './rows/tables.ts'
export type { RunnerCommand, RunnerEvent, RunnerState } from './runner/index.ts'
export type { SessionCommand } from './session/commands.ts'
export { runActivitySchema, type RunActivity } from './session/activity.ts'
export { setupIsOpen, type Setup } from './session/setup.ts'
export type { SessionConflict } from './session/conflicts.ts'
export { attachedTo } from './session/attached.ts'
export { spentOf } from './session/budget.ts'
export { nameFromText } from './session/decide.ts'
export type { SessionEvent } from './session/events.ts'
export { holderOf, needsRunner, type Lease } from './session/lease.ts'
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
export type { CommentPlace } from './session/comment-vocabulary.ts'
export { actionsIn, readActionBlock, type ActionBlock } from './session/action-blocks.ts'
export { answerMessage, answerWords } from './session/action-text.ts'
export { patternProblem, proposedPattern, ruleAllows, type StepOfRule } from './session/rule-match.ts'
export { ruleWords, type LastingRule } from './session/rule-vocabulary.ts'
export type { RunningProcess } from './session/process-state.ts'
export { ideOfferSchema, type IdeOffer } from './session/ide-vocabulary.ts'
export { toggleIds, withToggle, type Toggle } from './session/toggles.ts'
export * from './session/vocabulary.ts'
export * from './session/worktree-operations.ts'
export { STREAMS, streamKind, streamSubject } from './streams.ts'
export * from './upcast.ts'
export type { UserCommand, UserEvent, UserState } from './user/index.ts'
export {
  hookEvents,
  hookReports,
  hookSchema,
  hookSkipped,
  hooksOf,
  type HookEvent,
  type HookReport,
  type HookSettings,
  type WorkspaceHook,
} from './workspace/hooks.ts'
export { isOff } from './workspace/hook-breaker.ts'
export type { HookRound, HookRun, SessionHooks } from './session/hook-state.ts'
export { taskKinds, workspaceTaskSchema, type TaskKind, type WorkspaceTask } from './workspace/tasks.ts'
export { copiedByDefault } from './workspace/copied-files.ts'
export type { WorkspaceCommand } from './workspace/commands.ts'
export { sourceSchema, type RepositorySource, type WorkspaceEvent } from './workspace/events.ts'
export { runnersOf, type WorkspaceState } from './workspace/state.ts'
