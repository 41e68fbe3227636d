import type { ToolCallContent } from '@agentclientprotocol/sdk/unstable'
import type { ToolAnswer, ToolRequest } from '../conversation.ts'
import { LIMITS } from '../limits.ts'
import type { ClientView } from '../protocol/client-view.ts'
import { ToolProblem } from '../tools/tool.ts'
import type { Done, PreparedCall, Tool, ToolContext } from '../tools/tool.ts'
import { verdictOn } from './modes.ts'
import type { Mode } from './modes.ts'

type Parts = {
  readonly view: ClientView
  readonly tools: ReadonlyMap<string, Tool>
  readonly context: Omit<ToolContext, 'progress' | 'signal'>
  readonly signal: AbortSignal
  mode(): Mode
  /** What a person allowed for good, by key. */
  readonly allowed: Set<string>
}

/** Runs the calls of one answer: those that only read side by side, all others one after the other, each answered. */
export async function runCalls(calls: readonly ToolRequest[], parts: Parts): Promise<ToolAnswer[]> {
  const answers: ToolAnswer[] = []
  for (let at = 0; at < calls.length;) {
    const reads = calls.slice(at, at + LIMITS.parallelReads).findIndex((call) => !onlyReads(call, parts))
    const together = Math.max(1, reads < 0 ? Math.min(LIMITS.parallelReads, calls.length - at) : reads)
    const batch = calls.slice(at, at + together)
    const ready = await Promise.all(batch.map((call) => makeReady(call, parts)))
    // Begun, and so told, in the order that the model asked for them, however long each took to prepare.
    answers.push(...(await Promise.all(ready.map((one) => runCall(one, parts)))))
    at += together
  }
  return answers
}

function onlyReads(call: ToolRequest, { tools }: Parts): boolean {
  return call.problem === undefined && tools.get(call.tool)?.effect === 'read'
}

/** A call with all that it needs to run, or why it cannot. */
type ReadyCall = { readonly call: ToolRequest } & (
  | { readonly tool: Tool; readonly prepared: PreparedCall; readonly context: ToolContext }
  | { readonly problem: string; readonly title: string }
)

async function makeReady(call: ToolRequest, parts: Parts): Promise<ReadyCall> {
  const { view, signal } = parts
  const tool = parts.tools.get(call.tool)
  if (!tool) {
    const problem = `There is no tool "${call.tool}". There are: ${[...parts.tools.keys()].join(', ')}.`
    return { call, problem, title: call.tool }
  }
  if (call.problem !== undefined) {
    const problem = `The input of ${call.tool} could not be read: ${call.problem}. Send one JSON object.`
    return { call, problem, title: call.tool }
  }
  const context: ToolContext = {
    ...parts.context,
    signal,
    progress: (text) =>
      view.update({
        sessionUpdate: 'tool_call_update',
        toolCallId: call.callId,
        status: 'in_progress',
        content: asContent(text),
      }),
  }
  try {
    return { call, tool, context, prepared: await tool.prepare(call.input, context) }
  } catch (error) {
    return { call, problem: inWords(error, call, signal), title: titleOf(call) }
  }
}

async function runCall(ready: ReadyCall, parts: Parts): Promise<ToolAnswer> {
  const { view, signal } = parts
  const { call } = ready
  const answer = (text: string): ToolAnswer => ({ callId: call.callId, tool: call.tool, text, failed: true })
  if (signal.aborted) return answer('Canceled by the person before it began.')
  const fail = (text: string, title: string): ToolAnswer => {
    view.update({
      sessionUpdate: 'tool_call',
      toolCallId: call.callId,
      title,
      kind: 'other',
      status: 'failed',
      rawInput: call.input,
      content: asContent(text),
    })
    return answer(text)
  }
  if ('problem' in ready) return fail(ready.problem, ready.title)
  return permittedRun(call, ready.tool, ready.prepared, ready.context, parts).catch((error: unknown) =>
    fail(inWords(error, call, signal), titleOf(call)),
  )
}

/** What the model is told of an error: disks fill up and files vanish, and it may find a way. */
function inWords(error: unknown, { tool }: ToolRequest, signal: AbortSignal): string {
  if (signal.aborted) return 'Canceled by the person.'
  if (error instanceof ToolProblem) return error.message
  return `${tool} failed: ${error instanceof Error ? error.message : String(error)}`
}

function titleOf({ tool, input }: ToolRequest): string {
  const path = typeof input === 'object' && input !== null && 'path' in input ? input['path'] : undefined
  return typeof path === 'string' ? `${tool} ${path}` : tool
}

async function permittedRun(
  call: ToolRequest,
  tool: Tool,
  { shown, outside, run }: PreparedCall,
  context: ToolContext,
  parts: Parts,
): Promise<ToolAnswer> {
  const { view, signal } = parts
  const toolCallId = call.callId
  const answer = (text: string, failed: boolean): ToolAnswer => ({ callId: toolCallId, tool: call.tool, text, failed })
  const verdict = verdictOn(parts.mode(), tool.effect, outside)
  const told = {
    toolCallId,
    name: tool.name,
    title: shown.title.slice(0, 300),
    kind: shown.kind,
    locations: (shown.files ?? []).map((path) => ({ path })),
    rawInput: call.input,
    ...(shown.content ? { content: [...shown.content] } : {}),
  }
  // The plan is told as a plan, not as a tool.
  if (tool.effect === 'plan') return answer((await run(context)).text, false)
  view.update({ sessionUpdate: 'tool_call', ...told, status: 'pending' })
  const end = (status: 'completed' | 'failed', content: readonly ToolCallContent[], rawOutput?: unknown): void =>
    view.update({
      sessionUpdate: 'tool_call_update',
      toolCallId,
      status,
      ...(content.length > 0 ? { content: [...content] } : {}),
      ...(rawOutput === undefined ? {} : { rawOutput }),
    })
  if (verdict === 'forbidden') {
    const why = 'In plan mode nothing is changed or run. Read, think, and give the plan; the person switches the mode.'
    end('failed', asContent(why))
    return answer(why, true)
  }
  const key = keyOf(tool, call, outside)
  if (verdict === 'ask' && !parts.allowed.has(key)) {
    const said = await view.ask({ ...told, status: 'pending' }, signal)
    if (said === 'always') parts.allowed.add(key)
    if (said === 'reject' || said === 'cancelled' || signal.aborted) {
      const why =
        said === 'reject'
          ? 'The person rejected this step. Do not try it in another way; ask, or go on without.'
          : 'Canceled by the person.'
      end('failed', asContent(why))
      return answer(why, true)
    }
  }
  view.update({ sessionUpdate: 'tool_call_update', toolCallId, status: 'in_progress' })
  const done = await run(context).catch((error: unknown): Done => ({
    text: inWords(error, call, signal),
    failed: true,
  }))
  const content = done.shown && !(done.failed && done.shown.length === 0) ? done.shown : asContent(done.text)
  const raw = done.exitCode === undefined ? undefined : { exitCode: done.exitCode }
  end(done.failed ? 'failed' : 'completed', content, raw)
  return answer(done.text, done.failed ?? false)
}

/** What "always" allows: this very command, this tool of a server, this kind of step. */
function keyOf(tool: Tool, call: ToolRequest, outside: boolean): string {
  if (tool.effect === 'run') return `run ${JSON.stringify(call.input)}`
  // A server says itself what its tools do: each is allowed by itself.
  const kind = tool.effect === 'other' || tool.name.startsWith('mcp__') ? tool.name : tool.effect
  return `${outside ? 'outside ' : ''}${kind}`
}

function asContent(text: string): ToolCallContent[] {
  return [{ type: 'content', content: { type: 'text', text } }]
}
