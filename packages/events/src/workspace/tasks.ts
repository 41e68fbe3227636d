import { z } from 'zod'
import { idSchema } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { nameSchema, pathSchema } from '../session/vocabulary.ts'

/** What a task is for: it builds, it tests, or it starts something that goes on running. */
export const taskKinds = ['build', 'test', 'start'] as const
export const taskKindSchema = z.enum(taskKinds)
export type TaskKind = z.infer<typeof taskKindSchema>

const variableSchema = z.object({
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'a variable’s name has letters, digits and _'),
  value: z.string().max(LIMITS.taskVariableChars),
})

/** Something that sessions of a workspace can run in their worktree (TR-1). No secrets in it: those have a place of their own. */
export const workspaceTaskSchema = z.object({
  taskId: idSchema,
  name: nameSchema,
  kind: taskKindSchema,
  /** Inside the worktree, with `/`; empty for its top. */
  folder: z.union([pathSchema, z.literal('')]),
  /** What `sh` is given. */
  script: z.string().trim().min(1, 'a task needs a script').max(LIMITS.taskScriptChars),
  environment: z
    .array(variableSchema)
    .max(LIMITS.taskVariables)
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'each variable stands there once'),
})
export type WorkspaceTask = z.infer<typeof workspaceTaskSchema>

export const taskSettings = {
  /** Adds a task, or changes the one with this id. */
  'workspace.setTask': workspaceTaskSchema,
  'workspace.removeTask': z.object({ taskId: idSchema }),
  /** Whether members may open terminals in worktrees (TR-6). */
  'workspace.setTerminals': z.object({ allowed: z.boolean() }),
}
export const taskSettingsChanged = {
  'workspace.taskSet': workspaceTaskSchema,
  'workspace.taskRemoved': z.object({ taskId: idSchema }),
  'workspace.terminalsSet': z.object({ allowed: z.boolean() }),
}

/** Why a task cannot be set; undefined where it can. */
export function taskRefusal(task: WorkspaceTask, tasks: readonly WorkspaceTask[]): Refusal | undefined {
  const others = tasks.filter((one) => one.taskId !== task.taskId)
  if (others.length >= LIMITS.workspaceTasks)
    return refuse('queue_full', `A workspace has at most ${LIMITS.workspaceTasks} tasks. Remove one first.`)
  return others.some((one) => one.name === task.name)
    ? refuse('already_exists', `There is a task called "${task.name}" already. Give this one another name.`)
    : undefined
}

/** The tasks with one of them set, in their order. */
export function withTask(tasks: readonly WorkspaceTask[], task: WorkspaceTask): WorkspaceTask[] {
  return tasks.some((one) => one.taskId === task.taskId)
    ? tasks.map((one) => (one.taskId === task.taskId ? task : one))
    : [...tasks, task]
}
