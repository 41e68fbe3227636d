import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { methods } from '@agentclientprotocol/sdk/unstable'
import type {
  AgentContext,
  SessionUpdate,
  ToolCallContent,
  ToolCallUpdate,
  ToolKind,
} from '@agentclientprotocol/sdk/unstable'
import { checkWorktreePath } from '../git/worktree-path.ts'
import { runShell } from './shell.ts'
import { parseSteps } from './steps.ts'
import type { Step } from './steps.ts'

const outputEveryMs = 60
/** Output past this is counted, not kept: a script must not fill the memory. */
const mostOutput = 256 * 1024

/** One delivered message of the Script provider: its steps, run in order until one fails or the turn is cancelled. */
export class ScriptTurn {
  readonly #client: AgentContext
  readonly #sessionId: string
  readonly #cwd: string
  readonly #signal: AbortSignal
  readonly #wordMs: number

  constructor(client: AgentContext, sessionId: string, cwd: string, signal: AbortSignal, wordMs: number) {
    this.#client = client
    this.#sessionId = sessionId
    this.#cwd = cwd
    this.#signal = signal
    this.#wordMs = wordMs
  }

  /** Says what was attached to a message, and runs it. @returns whether it came to its end; false where it was cancelled. */
  async run(message: string, attached: string): Promise<boolean> {
    const steps = parseSteps(message)
    const acts = steps.some((step) => step.kind !== 'say')
    try {
      if (attached !== '') await this.#say('agent_message_chunk', `${attached}\n\n`)
      for (const step of acts ? steps : [{ kind: 'say' as const, text: nothingToRun }]) {
        if (this.#signal.aborted) return false
        const problem = await this.#step(step)
        if (problem === undefined) continue
        if (!this.#signal.aborted) await this.#say('agent_message_chunk', problem)
        break
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error
    }
    return !this.#signal.aborted
  }

  /** @returns why the script stops here, if it does. */
  async #step(step: Step): Promise<string | undefined> {
    switch (step.kind) {
      case 'say':
        return this.#say('agent_message_chunk', step.text)
      case 'think':
        return this.#say('agent_thought_chunk', step.text)
      case 'wrong':
        return step.text
      case 'plan':
        await this.#update({
          sessionUpdate: 'plan',
          entries: step.entries.map(({ text, status }) => ({ content: text, status, priority: 'medium' })),
        })
        return undefined
      case 'run':
        return this.#tool('execute', step.command.split('\n')[0] ?? '', { command: step.command }, [], (callId) =>
          this.#runCommand(callId, step.command, step.goOn),
        )
      case 'read':
        return this.#tool('read', `Read ${step.path}`, { path: step.path }, [], async () => ({
          output: await readFile(await this.#inside(step.path), 'utf8'),
        }))
      case 'write': {
        const old = await this.#current(step.path)
        return this.#change(`Write ${step.path}`, step.path, old, step.text)
      }
      case 'edit': {
        const old = await this.#current(step.path)
        if (old === undefined) return `There is no file ${step.path} to edit.`
        let text = old
        for (const { find, replace } of step.changes) {
          if (!text.includes(find)) return `${step.path} does not hold the text to replace:\n${find}`
          text = text.replace(find, () => replace)
        }
        return this.#change(`Edit ${step.path}`, step.path, old, text)
      }
    }
  }

  #change(title: string, file: string, oldText: string | undefined, newText: string): Promise<string | undefined> {
    const diff: ToolCallContent = { type: 'diff', path: path.join(this.#cwd, file), oldText: oldText ?? null, newText }
    return this.#tool('edit', title, { path: file }, [diff], async () => {
      const target = await this.#inside(file)
      await mkdir(path.dirname(target), { recursive: true })
      await writeFile(target, newText)
      return { output: oldText === undefined ? `Wrote ${file}.` : `Changed ${file}.` }
    })
  }

  /** A step as a tool call: announced, permitted (reads need none), done, reported. */
  async #tool(
    kind: ToolKind,
    title: string,
    rawInput: Record<string, unknown>,
    content: ToolCallContent[],
    act: (
      callId: string,
    ) => Promise<{ output: string; failed?: boolean; problem?: string; raw?: Record<string, unknown> }>,
  ): Promise<string | undefined> {
    const toolCallId = `call_${randomUUID()}`
    const file = rawInput['path']
    const locations = typeof file === 'string' ? [{ path: path.join(this.#cwd, file) }] : []
    const call = { toolCallId, title, kind, rawInput, content, locations, status: 'pending' as const }
    await this.#update({ sessionUpdate: 'tool_call', ...call })
    if (kind !== 'read' && !(await this.#permitted(call))) {
      await this.#updateTool({ toolCallId, status: 'failed', rawOutput: { error: 'Not permitted.' } })
      return this.#signal.aborted ? '' : `"${title}" was rejected, so the script stops here.`
    }
    await this.#updateTool({ toolCallId, status: 'in_progress' })
    try {
      const { output, failed, problem, raw } = await act(toolCallId)
      const text: ToolCallContent[] =
        output === '' ? [] : [{ type: 'content', content: { type: 'text', text: output } }]
      await this.#updateTool({
        toolCallId,
        status: failed ? 'failed' : 'completed',
        content: [...content, ...text],
        rawOutput: { ...raw },
      })
      return problem
    } catch (error) {
      if (!(error instanceof Error)) throw error
      await this.#updateTool({
        toolCallId,
        status: 'failed',
        content: [{ type: 'content', content: { type: 'text', text: error.message } }],
      })
      return `"${title}" failed: ${error.message}`
    }
  }

  async #runCommand(
    callId: string,
    command: string,
    goOn: boolean,
  ): Promise<{ output: string; failed: boolean; problem?: string; raw: Record<string, unknown> }> {
    let output = ''
    let dropped = 0
    let last = 0
    let sending = Promise.resolve()
    const end = await runShell(command, this.#cwd, this.#signal, (text) => {
      const room = Math.max(0, mostOutput - output.length)
      output += text.slice(0, room)
      dropped += Math.max(0, text.length - room)
      const now = Date.now()
      if (room === 0 || now - last < outputEveryMs) return
      last = now
      sending = sending.then(() =>
        this.#updateTool({
          toolCallId: callId,
          status: 'in_progress',
          content: [{ type: 'content', content: { type: 'text', text: output } }],
        }),
      )
    })
    await sending
    const failed = end.exitCode !== 0
    const how = end.signal ? `was ended by ${end.signal}` : `ended with code ${end.exitCode}`
    return {
      output: dropped > 0 ? `${output}\n[${dropped} more characters]` : output,
      failed,
      raw: { exitCode: end.exitCode, signal: end.signal },
      ...(failed && !goOn ? { problem: `The command ${how}, so the script stops here.` } : {}),
    }
  }

  async #permitted(toolCall: ToolCallUpdate): Promise<boolean> {
    const { outcome } = await this.#client.request(methods.client.session.requestPermission, {
      sessionId: this.#sessionId,
      toolCall,
      options: [
        { optionId: 'allow', name: 'Allow once', kind: 'allow_once' },
        { optionId: 'reject', name: 'Reject', kind: 'reject_once' },
      ],
    })
    return outcome.outcome === 'selected' && outcome.optionId === 'allow'
  }

  async #say(sessionUpdate: 'agent_message_chunk' | 'agent_thought_chunk', text: string): Promise<undefined> {
    for (const word of text.match(/\s*\S+\s*/g) ?? []) {
      if (this.#signal.aborted) return undefined
      await this.#update({ sessionUpdate, content: { type: 'text', text: word } })
      if (this.#wordMs > 0) await pause(this.#wordMs)
    }
    return undefined
  }

  async #inside(file: string): Promise<string> {
    return path.join(this.#cwd, await checkWorktreePath(this.#cwd, file, 'follow'))
  }

  async #current(file: string): Promise<string | undefined> {
    try {
      return await readFile(await this.#inside(file), 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      if (error instanceof Error && error.name === 'PathRefused') return undefined
      throw error
    }
  }

  #updateTool(update: ToolCallUpdate): Promise<void> {
    return this.#update({ sessionUpdate: 'tool_call_update', ...update })
  }

  #update(update: SessionUpdate): Promise<void> {
    return this.#client.notify(methods.client.session.update, { sessionId: this.#sessionId, update })
  }
}

const nothingToRun =
  'I am a script runner, not a model: I run the fenced `sh`, `file` and `edit` blocks of a message, and this one has none. Try a block that starts with ```sh.'
