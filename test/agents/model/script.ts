/**
 * What a scripted model does. The prompt carries it, as JSON between <script> and </script>, one step for each call of the
 * model. Without state but for `times`: the step is the number of answers with tool calls since the message with the script.
 */
import path from 'node:path'

export type ModelStep = {
  say?: string
  think?: string
  write?: { path: string; text: string }
  edit?: { path: string; old: string; new: string }
  run?: string
  read?: string
  plan?: string[]
  /** Calls by the tools' own names, several at once. A text as input goes out as it is, JSON or not. */
  calls?: { tool: string; input: Record<string, unknown> | string }[]
  /** Calls the tool of an MCP server by the end of its name: each agent puts words of its own before it. */
  served?: { tool: string; input: Record<string, unknown> }
  /** Answers with this HTTP status, `times` times (always, if it is not given); then the rest of the step counts. */
  fail?: number
  times?: number
  message?: string
  headers?: Record<string, string>
  /** The connection ends in the middle of the answer, `times` times. */
  cut?: boolean
  wait?: number
  hang?: boolean
  usage?: { input?: number; output?: number; cached?: number }
  finish?: 'length' | 'refused'
}

export type OfferedTool = { name: string; properties: readonly string[]; required: readonly string[] }

/** A request in any of the APIs, as far as a script needs it. */
export type AskedModel = {
  system: string
  model: string
  stream: boolean
  messages: readonly { role: string; text: string; calls: number }[]
  tools: readonly OfferedTool[]
}

/** An answer in none of the APIs yet. */
export type Reply = {
  text: string
  thinking: string
  calls: { name: string; args: string }[]
  usage: { input: number; output: number; cached: number }
  finish: 'stop' | 'calls' | 'length' | 'refused'
}

export function stepFor({ messages }: AskedModel): ModelStep {
  for (let i = messages.length - 1; i >= 0; i -= 1) {
    const message = messages[i]
    if (message?.role !== 'user') continue
    // Some APIs join messages of a user that follow each other: the last one counts.
    const found = [...message.text.matchAll(/<script>([\s\S]*?)<\/script>/g)].at(-1)
    if (!found?.[1]) {
      // Results of tools, and what a house says beside a prompt, come as messages of a user, too.
      // So does a prompt that asks to go on after a restart.
      const goesOn = message.text.startsWith('Your turn was cut off')
      // What an agent notes for its model between prompts stands in a tag of its own.
      const isNote = message.text.startsWith('<')
      if (message.text === '' || messages[i - 1]?.calls || goesOn || isNote) continue
      return { say: 'I do what the script in a prompt says, and there was none.' }
    }
    const steps = JSON.parse(found[1]) as ModelStep[]
    return steps[messages.slice(i + 1).filter((one) => one.calls > 0).length] ?? { say: 'Done.' }
  }
  return { say: 'Done.' }
}

export function replyTo(step: ModelStep, asked: AskedModel): Reply {
  const calls = callsOf(step, asked)
  return {
    text: calls.length > 0 ? (step.say ?? '') : (step.say ?? 'Done.'),
    thinking: step.think ?? '',
    calls,
    usage: { input: step.usage?.input ?? 1_000, output: step.usage?.output ?? 50, cached: step.usage?.cached ?? 0 },
    finish: step.finish ?? (calls.length > 0 ? 'calls' : 'stop'),
  }
}

function callsOf(step: ModelStep, asked: AskedModel): Reply['calls'] {
  const full = (file: string): string => path.resolve(folderOf(asked), file)
  const call = (names: readonly string[], args: Record<string, unknown>) => [toolCall(asked, names, args)]
  if (step.calls)
    return step.calls.map(({ tool, input }) => ({
      name: tool,
      args: typeof input === 'string' ? input : JSON.stringify(input),
    }))
  if (step.served) {
    const { tool, input } = step.served
    const found = asked.tools.find(({ name }) => name.endsWith(tool))
    if (!found) throw new Error(`No tool ends with ${tool}: ${asked.tools.map(({ name }) => name).join(', ')}`)
    return [{ name: found.name, args: JSON.stringify(input) }]
  }
  if (step.write) {
    const file = full(step.write.path)
    return call(['write', 'Write', 'write_file'], {
      filePath: file,
      file_path: file,
      path: file,
      content: step.write.text,
    })
  }
  if (step.edit) {
    const file = full(step.edit.path)
    const { old, new: put } = step.edit
    return call(['edit', 'Edit', 'replace'], {
      filePath: file,
      file_path: file,
      path: file,
      old,
      new: put,
      oldString: old,
      newString: put,
      old_string: old,
      new_string: put,
    })
  }
  if (step.run)
    return call(['run', 'bash', 'Bash', 'shell', 'run_shell_command', 'exec_command', 'shell_command'], {
      command: step.run,
      cmd: step.run,
      // Codex asks a person only where its model says that the sandbox is too narrow.
      sandbox_permissions: 'require_escalated',
      justification: 'the script wants it',
    })
  if (step.read) {
    const file = full(step.read)
    return call(['read', 'Read', 'read_file'], { filePath: file, file_path: file, path: file, absolute_path: file })
  }
  if (step.plan) {
    const entries = step.plan.map((content, i) => ({
      content,
      text: content,
      activeForm: content,
      status: i === 0 ? 'in_progress' : 'pending',
      priority: 'medium',
      id: String(i),
    }))
    return call(['plan', 'todowrite', 'TodoWrite', 'todo_write'], { todos: entries, steps: entries })
  }
  return []
}

/** Where agents say that they work; each has words of its own, and the first that fits counts. */
const folderWords = [
  /<cwd>\s*(\/[^<\s]+)/,
  /root folder:\s*(\/\S+)/i,
  /working (?:directory|folder):\s*[`"]?(\/[^\s`"<,]+)/i,
  /working in the directory:?\s*[`"]?(\/[^\s`"<,]+)/i,
  /Workspace Directories:?\*{0,2}\s*-?\s*(\/\S+)/i,
  /current directory[^/\n]{0,20}(\/[^\s`"<]+)/i,
]

function folderOf({ system, messages }: AskedModel): string {
  const texts = [system, ...messages.map((message) => message.text)]
  return folderWords.flatMap((words) => texts.flatMap((text) => words.exec(text)?.[1] ?? []))[0] ?? '/'
}

/** A call of the first of these tools that is offered, with the arguments that it has, and something in those it requires. */
function toolCall(asked: AskedModel, names: readonly string[], args: Record<string, unknown>): Reply['calls'][number] {
  const tool = names.flatMap((name) => asked.tools.find((one) => one.name === name) ?? [])[0]
  if (!tool)
    throw new Error(`No tool ${names.join(' or ')} was offered: ${asked.tools.map(({ name }) => name).join(', ')}`)
  const fitting = Object.entries(args).filter(([name]) => tool.properties.includes(name))
  const given = new Set(fitting.map(([name]) => name))
  const filled = tool.required.filter((name) => !given.has(name)).map((name) => [name, 'scripted step'])
  return { name: tool.name, args: JSON.stringify(Object.fromEntries([...fitting, ...filled])) }
}

/** The text of a content in any of the forms that requests have. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .map((part: unknown) => {
      if (typeof part !== 'object' || part === null) return ''
      return 'text' in part && typeof part.text === 'string' ? part.text : ''
    })
    .join('\n')
}

export function offered(name: string, schema: unknown): OfferedTool {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, unknown>
    required?: string[]
  }
  return { name, properties: Object.keys(properties), required }
}

/** Words with the spaces after them: what streams in pieces. */
export function words(text: string): readonly string[] {
  return text.match(/\S+\s*|\s+/g) ?? []
}
