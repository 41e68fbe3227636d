import { z } from 'zod'
import { globFits } from '../glob.ts'
import { idSchema } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { refuse, type Refusal } from '../refusal.ts'
import type { SessionMode } from '../session/vocabulary.ts'
import { nameSchema } from '../session/vocabulary.ts'
import { breakerAfter, decideCount, isOff, type HookBreaker } from './hook-breaker.ts'

/** What in a session's life makes hooks run (H-1 to H-5). */
export const hookEvents = ['init', 'start', 'agent_finish', 'done', 'cancel'] as const
export const hookEventSchema = z.enum(hookEvents)
export type HookEvent = z.infer<typeof hookEventSchema>

/** What of a failed hook's output its message carries (H-15 to H-18). */
export const hookReports = ['none', 'truncated', 'full', 'command'] as const
export type HookReport = (typeof hookReports)[number]

const patternsSchema = z
  .array(z.string().trim().min(1).max(LIMITS.rulePatternChars))
  .max(LIMITS.hookPatterns, `at most ${LIMITS.hookPatterns} patterns`)

const workSchema = z.discriminatedUnion('kind', [
  /** A task of the workspace, by its name (H-8). */
  z.object({ kind: z.literal('task'), task: nameSchema }),
  /** What `sh` is given in the worktree (H-9). */
  z.object({
    kind: z.literal('script'),
    script: z.string().trim().min(1, 'a hook needs a script').max(LIMITS.taskScriptChars),
  }),
])

/** One thing that runs when something happens to a session of the workspace. No secrets in it: those have a place of their own. */
export const hookSchema = z.object({
  hookId: idSchema,
  event: hookEventSchema,
  name: nameSchema,
  work: workSchema,
  /** Whether its failure keeps those after it from running. */
  stopOnFailure: z.boolean(),
  /** Attempts after the first before it has failed. */
  retries: z
    .int('retries are a whole number')
    .min(0, 'retries are 0 to 10')
    .max(LIMITS.hookRetries, `retries are 0 to ${LIMITS.hookRetries}`),
  /** For each attempt. */
  timeoutSeconds: z
    .int('the timeout is a whole number of seconds')
    .min(1, `the timeout is 1 to ${LIMITS.hookTimeoutSeconds} seconds`)
    .max(LIMITS.hookTimeoutSeconds, `the timeout is 1 to ${LIMITS.hookTimeoutSeconds} seconds`),
  report: z.enum(hookReports),
  /** As in .gitignore: it runs only where a file that fits has changed since the branch point. Empty: always. */
  files: patternsSchema,
  /** Globs for the branch that the session began at. Empty: every one. */
  branches: patternsSchema,
})
export type WorkspaceHook = z.infer<typeof hookSchema>

const optionsSchema = z.object({
  /** Whether hooks run in Chat and Bot sessions, too (H-45). */
  inChat: z.boolean(),
  /** Whether failed hooks of a Complete give the session back to its agent (H-40). */
  doneRetry: z.boolean(),
})

export const hookSettings = {
  /** Adds a hook at the end of its event's, or changes the one with this id. */
  'workspace.setHook': hookSchema,
  'workspace.removeHook': z.object({ hookId: idSchema }),
  /** The hooks of an event in their new order. */
  'workspace.orderHooks': z.object({ event: hookEventSchema, hookIds: z.array(idSchema).max(LIMITS.hooksPerEvent) }),
  /** All hooks of an event on or off (H-48). */
  'workspace.switchHooks': z.object({ event: hookEventSchema, on: z.boolean() }),
  'workspace.setHookOptions': optionsSchema,
  /** A hook that was switched off because it failed and failed runs again. */
  'workspace.resetHook': z.object({ hookId: idSchema }),
  /** From a runner: how a run came out. */
  'workspace.countHook': z.object({ hookId: idSchema, sessionId: idSchema, runId: idSchema, failed: z.boolean() }),
}

export const hookSettingsChanged = {
  'workspace.hookSet': hookSchema,
  'workspace.hookRemoved': z.object({ hookId: idSchema }),
  'workspace.hooksOrdered': z.object({ event: hookEventSchema, hookIds: z.array(idSchema).max(LIMITS.hooksPerEvent) }),
  'workspace.hooksSwitched': z.object({ event: hookEventSchema, on: z.boolean() }),
  'workspace.hookOptionsSet': optionsSchema,
  'workspace.hookReset': z.object({ hookId: idSchema }),
  /** Told of each failure, and of the success that ends a row of them. */
  'workspace.hookCounted': z.object({ hookId: idSchema, sessionId: idSchema, runId: idSchema, failed: z.boolean() }),
  /** It failed so often that it is off until then, ms since 1970 (H-31). */
  'workspace.hookTripped': z.object({
    hookId: idSchema,
    failures: z.int().min(1),
    sessions: z.int().min(1),
    until: z.number(),
  }),
}

/** All that is set about a workspace's hooks. */
export interface HookSettings {
  /** Those of an event stand in the order in which they run. */
  readonly list: readonly WorkspaceHook[]
  /** Events that are switched off. */
  readonly off: readonly HookEvent[]
  readonly inChat: boolean
  readonly doneRetry: boolean
  /** What happened before this is none of these hooks' business. */
  readonly changedAt: number
  /** Hooks that failed lately, by id. */
  readonly breakers: Readonly<Record<string, HookBreaker>>
}

export const noHooks: HookSettings = {
  list: [],
  off: [],
  inChat: false,
  doneRetry: false,
  changedAt: 0,
  breakers: {},
}

type Described<S extends Readonly<Record<string, z.ZodType>>> = {
  [T in keyof S & string]: { readonly type: T; readonly data: z.output<S[T]> }
}[keyof S & string]
export type HookSettingCommand = Described<typeof hookSettings>
export type HookSettingEvent = Described<typeof hookSettingsChanged>

export const isHookSetting = (command: { readonly type: string }): command is HookSettingCommand =>
  Object.hasOwn(hookSettings, command.type)
export const isHookSettingChanged = (event: { readonly type: string }): event is HookSettingEvent =>
  Object.hasOwn(hookSettingsChanged, event.type)

/** Decides what is set about hooks, and counts how they came out. */
export function decideHooks(
  command: HookSettingCommand,
  settings: HookSettings = noHooks,
  now: number,
): readonly HookSettingEvent[] | Refusal {
  const { list } = settings
  const known = (hookId: string): boolean => list.some((one) => one.hookId === hookId)
  switch (command.type) {
    case 'workspace.setHook':
      return setRefusal(command.data, list) ?? [{ type: 'workspace.hookSet', data: command.data }]
    case 'workspace.removeHook':
      return known(command.data.hookId) ? [{ type: 'workspace.hookRemoved', data: command.data }] : []
    case 'workspace.orderHooks': {
      const { event, hookIds } = command.data
      const now = new Set(list.filter((one) => one.event === event).map((one) => one.hookId))
      return hookIds.length === now.size && hookIds.every((id) => now.has(id))
        ? [{ type: 'workspace.hooksOrdered', data: command.data }]
        : refuse('conflict', 'The hooks of this event changed meanwhile; their order was left as it is now.')
    }
    case 'workspace.switchHooks':
      return settings.off.includes(command.data.event) === command.data.on
        ? [{ type: 'workspace.hooksSwitched', data: command.data }]
        : []
    case 'workspace.setHookOptions': {
      const { inChat, doneRetry } = command.data
      const same = inChat === settings.inChat && doneRetry === settings.doneRetry
      return same ? [] : [{ type: 'workspace.hookOptionsSet', data: command.data }]
    }
    case 'workspace.resetHook':
      return settings.breakers[command.data.hookId] ? [{ type: 'workspace.hookReset', data: command.data }] : []
    case 'workspace.countHook':
      return known(command.data.hookId) ? decideCount(command.data, settings.breakers[command.data.hookId], now) : []
  }
}

function setRefusal(hook: WorkspaceHook, list: readonly WorkspaceHook[]): Refusal | undefined {
  const others = list.filter((one) => one.hookId !== hook.hookId && one.event === hook.event)
  if (others.length >= LIMITS.hooksPerEvent)
    return refuse('queue_full', `An event has at most ${LIMITS.hooksPerEvent} hooks. Remove one first.`)
  return others.some((one) => one.name === hook.name)
    ? refuse(
        'already_exists',
        `There is a hook called "${hook.name}" at this event already. Give this one another name.`,
      )
    : undefined
}

/** Folds what was set about hooks. @param at when, ms since 1970 by the server's clock */
export function hooksAfter(event: HookSettingEvent, settings: HookSettings = noHooks, at: number): HookSettings {
  const { list } = settings
  switch (event.type) {
    case 'workspace.hookSet': {
      const hook = event.data
      const next = list.some((one) => one.hookId === hook.hookId)
        ? list.map((one) => (one.hookId === hook.hookId ? hook : one))
        : [...list, hook]
      return { ...settings, list: next, changedAt: at, breakers: without(settings.breakers, hook.hookId) }
    }
    case 'workspace.hookRemoved': {
      const { hookId } = event.data
      const left = list.filter((one) => one.hookId !== hookId)
      return { ...settings, list: left, changedAt: at, breakers: without(settings.breakers, hookId) }
    }
    case 'workspace.hooksOrdered': {
      const place = new Map(event.data.hookIds.map((id, index) => [id, index]))
      const rank = (hook: WorkspaceHook): number => place.get(hook.hookId) ?? place.size
      const others = list.filter((one) => one.event !== event.data.event)
      const ordered = list.filter((one) => one.event === event.data.event).toSorted((a, b) => rank(a) - rank(b))
      return { ...settings, list: [...others, ...ordered], changedAt: at }
    }
    case 'workspace.hooksSwitched': {
      const off = settings.off.filter((one) => one !== event.data.event)
      return { ...settings, off: event.data.on ? off : [...off, event.data.event], changedAt: at }
    }
    case 'workspace.hookOptionsSet':
      return { ...settings, ...event.data, changedAt: at }
    case 'workspace.hookReset':
      return { ...settings, breakers: without(settings.breakers, event.data.hookId) }
    case 'workspace.hookCounted':
    case 'workspace.hookTripped': {
      const { hookId } = event.data
      const breaker = breakerAfter(event, settings.breakers[hookId])
      const others = without(settings.breakers, hookId)
      return { ...settings, breakers: breaker ? { ...others, [hookId]: breaker } : others }
    }
  }
}

function without(breakers: HookSettings['breakers'], hookId: string): HookSettings['breakers'] {
  const { [hookId]: _gone, ...others } = breakers
  return others
}

/** A session as the choice of hooks sees it. */
export interface HookedSession {
  readonly mode: SessionMode
  readonly baseBranch: string
}

/** The hooks of an event that a session has at all, in their order, before anything is looked at in its worktree. */
export function hooksOf(
  event: HookEvent,
  session: HookedSession,
  settings: HookSettings | undefined,
  at: number,
): readonly WorkspaceHook[] {
  if (!settings || settings.off.includes(event) || settings.changedAt > at) return []
  if (session.mode !== 'develop' && !settings.inChat) return []
  return settings.list.filter((one) => one.event === event)
}

/** Why a hook does not run, whatever has changed in the worktree; undefined where it may. */
export function hookSkipped(
  hook: WorkspaceHook,
  session: HookedSession,
  settings: HookSettings,
  now: number,
): string | undefined {
  if (hook.branches.length > 0 && !hook.branches.some((pattern) => globFits(pattern, session.baseBranch)))
    return `The session began at ${session.baseBranch}, which its branch filter leaves out.`
  const breaker = settings.breakers[hook.hookId]
  return breaker && isOff(breaker, now) ? 'It failed too often lately and is switched off for a while.' : undefined
}
