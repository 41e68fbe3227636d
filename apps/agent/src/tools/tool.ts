import type { PlanEntry, ToolCallContent, ToolKind } from '@agentclientprotocol/sdk/unstable'
import type { z } from 'zod'
import type { Folder } from './folder.ts'
import type { SeenFiles } from './seen-files.ts'

/** What a tool does to the world: decides what is asked, and what may run side by side. */
export type Effect = 'read' | 'write' | 'run' | 'plan' | 'other'

/** What a tool works with. */
export type ToolContext = {
  readonly folder: Folder
  readonly seen: SeenFiles
  /** Where the whole of long outputs is kept. */
  readonly outputs: string
  readonly signal: AbortSignal
  /** Output so far, while it comes. */
  progress(text: string): void
  plan(entries: PlanEntry[]): void
}

/** How a call is shown to a person, before and after it ran. */
export type Shown = {
  readonly title: string
  readonly kind: ToolKind
  /** Absolute paths. */
  readonly files?: readonly string[]
  readonly content?: readonly ToolCallContent[]
}

/** What a tool answers. `text` is for the model; what is not said here is shown to people as the same text. */
export type Done = {
  readonly text: string
  readonly failed?: boolean
  /** For people, instead of `text`. */
  readonly shown?: readonly ToolCallContent[]
  readonly exitCode?: number | null
}

/** Something that can be done with a checked input. */
export type PreparedCall = {
  readonly shown: Shown
  /** It leaves the folder: reading there is asked for, changing there is refused before it comes so far. */
  readonly outside: boolean
  run(context: ToolContext): Promise<Done>
}

/**
 * One tool. `prepare` looks at what the call would do and must change nothing; it throws {@link ToolProblem} where the call
 * makes no sense.
 */
export type Tool = {
  readonly name: string
  readonly description: string
  readonly effect: Effect
  readonly schema: Readonly<Record<string, unknown>>
  prepare(input: unknown, context: ToolContext): Promise<PreparedCall>
}

/** Why a call cannot be done; the words are for the model: what is wrong, and what to do instead. */
export class ToolProblem extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ToolProblem'
  }
}

/** Makes a tool whose input is checked by a schema. */
export function defineTool<S extends z.ZodType>(
  parts: Pick<Tool, 'name' | 'description' | 'effect'> & {
    input: S
    toSchema: (schema: S) => Readonly<Record<string, unknown>>
    prepare: (input: z.infer<S>, context: ToolContext) => Promise<PreparedCall>
  },
): Tool {
  const { name, description, effect, input, prepare } = parts
  return {
    name,
    description,
    effect,
    schema: parts.toSchema(input),
    prepare(given, context) {
      const checked = input.safeParse(given)
      if (checked.success) return prepare(checked.data, context)
      const wrong = checked.error.issues
        .slice(0, 5)
        .map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`)
        .join('; ')
      return Promise.reject(
        new ToolProblem(`The input of ${name} is wrong: ${wrong}. Call it again with what it needs.`),
      )
    },
  }
}
