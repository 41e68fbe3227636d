import type { ToolCallContent, ToolCallUpdate } from '@agentclientprotocol/sdk/unstable'
import type { ToolFamily } from '@coppice/events'
import type { ToolCall } from './happenings.ts'

/**
 * The tool calls of a turn, by the agent's id. Whatever comes first (a permission request, a call, an update) begins a
 * call; status may be missing, and titles and input fill in later.
 */
export class ToolCalls {
  readonly #calls = new Map<string, ToolCall>()
  /** The last whole input of each: it may come before what kind of call it is. */
  readonly #inputs = new Map<string, Record<string, unknown>>()

  /** Folds one message of the agent into the call it names. */
  upsert(update: ToolCallUpdate): ToolCall {
    const known = this.#calls.get(update.toolCallId) ?? unknownCall(update.toolCallId)
    const told = isObject(update.rawInput) ? update.rawInput : {}
    const input = Object.keys(told).length > 0 ? told : (this.#inputs.get(update.toolCallId) ?? {})
    this.#inputs.set(update.toolCallId, input)
    const said = familyOf(update) ?? known.family
    // Later titles are often only the path: what was once a write stays one.
    const family = said === 'edit' && known.family === 'write' ? 'write' : said
    const diffs = (update.content ?? []).flatMap((part) =>
      part.type === 'diff' ? [{ path: part.path, oldText: part.oldText ?? '', newText: part.newText }] : [],
    )
    const { _meta: meta } = update
    const parent = meta?.['parentToolCallId'] ?? ofClaude(meta, 'parentToolUseId')
    const name = update.name ?? meta?.['toolName'] ?? ofClaude(meta, 'toolName')
    const call: ToolCall = {
      ...known,
      family,
      title: update.title || known.title,
      target: targetOf(family, update, input) || known.target,
      status: statusOf(update.status, known.status),
      output: outputOf(update.content ?? []) ?? rawText(update.rawOutput) ?? known.output,
      exitCode: exitCodeOf(update.rawOutput) ?? known.exitCode,
      locations:
        update.locations && update.locations.length > 0 ? update.locations.map((one) => one.path) : known.locations,
      diffs: diffs.length > 0 ? diffs : known.diffs,
      ...(typeof name === 'string' && { name }),
      ...(typeof parent === 'string' ? { parentCallId: parent } : {}),
    }
    this.#calls.set(call.callId, call)
    return call
  }

  /** Calls that have not ended, for when the turn ends before them. */
  open(): ToolCall[] {
    return [...this.#calls.values()].filter((call) => call.status === 'pending' || call.status === 'running')
  }

  clear(): void {
    this.#calls.clear()
    this.#inputs.clear()
  }
}

function unknownCall(callId: string): ToolCall {
  return {
    callId,
    family: 'other',
    title: '',
    target: '',
    status: 'pending',
    output: '',
    exitCode: null,
    locations: [],
    diffs: [],
  }
}

function statusOf(said: string | null | undefined, known: ToolCall['status']): ToolCall['status'] {
  if (said === 'completed') return 'done'
  if (said === 'failed') return 'failed'
  if (said === 'in_progress') return 'running'
  return known
}

const families: Readonly<Record<string, ToolFamily>> = {
  read: 'read',
  search: 'search',
  edit: 'edit',
  delete: 'delete',
  move: 'edit',
  execute: 'run',
  fetch: 'fetch',
  think: 'agent',
}

function familyOf(update: ToolCallUpdate): ToolFamily | undefined {
  const family = update.kind ? families[update.kind] : undefined
  // The protocol has one kind for both; people read "write" and "edit" differently.
  const name = `${update.name ?? ''} ${update.title ?? ''}`
  if (family === 'edit' && /^\s*(write|create)/i.test(name)) return 'write'
  return family
}

/** What the call is about, in the words of whichever input field the agent uses. */
function targetOf(family: ToolFamily, update: ToolCallUpdate, input: Record<string, unknown>): string {
  const fields =
    family === 'run'
      ? ['command', 'cmd', 'script']
      : family === 'search'
        ? ['pattern', 'query', 'path']
        : family === 'fetch'
          ? ['url']
          : ['filePath', 'file_path', 'filepath', 'absolute_path', 'path', 'description', 'prompt']
  for (const field of fields) {
    const value = input[field]
    if (typeof value === 'string' && value !== '') return value
    if (Array.isArray(value)) return value.map(String).join(' ')
  }
  return family === 'run' ? '' : (update.locations?.[0]?.path ?? '')
}

function outputOf(content: readonly ToolCallContent[]): string | undefined {
  const texts = content.flatMap((part) =>
    part.type === 'content' && part.content.type === 'text' ? [part.content.text] : [],
  )
  return texts.length > 0 ? texts.join('\n') : undefined
}

function rawText(raw: unknown): string | undefined {
  if (typeof raw === 'string') return raw
  if (!isObject(raw)) return undefined
  const text = raw['output'] ?? raw['formatted_output'] ?? raw['error']
  return typeof text === 'string' ? text : undefined
}

function exitCodeOf(raw: unknown): number | undefined {
  if (!isObject(raw)) return undefined
  const inner = isObject(raw['metadata']) ? raw['metadata'] : {}
  const code = raw['exitCode'] ?? raw['exit_code'] ?? inner['exit'] ?? inner['exitCode']
  return typeof code === 'number' && Number.isInteger(code) ? code : undefined
}

function ofClaude(meta: ToolCallUpdate['_meta'], field: 'parentToolUseId' | 'toolName'): unknown {
  const claude = meta?.['claudeCode']
  return isObject(claude) ? claude[field] : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
