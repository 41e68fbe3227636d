import { LIMITS } from '@coppice/events'
import type { ToolFamily, KnownObservation, ObservationData } from '@coppice/events'
import type { ToolCall } from '../agents/happenings.ts'
import { derivedId } from '../derived-id.ts'
import type { RunnerContext } from '../runner-context.ts'
import type { Activity } from './activity.ts'
import { ownTool } from '../session-tools/server-entry.ts'
import type { ToolName } from '../session-tools/tools.ts'
import type { LiveFeed } from './live-feed.ts'
import { shortPath } from './step-detail.ts'
import { StreamedText } from './streamed-text.ts'
import { summaryMessage } from './summary-message.ts'
import { cutEnd, cutOutput } from './tool-text.ts'
import type { Telling } from './telling.ts'
import type { Transcript } from './transcript.ts'
import type { StepChange, TreeChanges } from './tree-changes.ts'

export type ToolOutcome = ObservationData<'tool.finished'>['outcome']

type Report = {
  readonly toolId: string
  readonly streamed: StreamedText
  call: ToolCall
  startedAt: number
  seen: number
  started: boolean
  finished: boolean
  rejected: boolean
}

const words: Readonly<Record<ToolFamily, string>> = {
  read: 'Read',
  search: 'Search',
  write: 'Write',
  edit: 'Edit',
  delete: 'Delete',
  run: 'Run',
  fetch: 'Fetch',
  agent: 'Agent',
  other: '',
}
const ownWords: Readonly<Record<ToolName, string>> = {
  ask_question: 'Question',
  create_plan: 'Plan',
  create_ticket: 'Ticket',
  log_event: 'Note',
}
/** What agents call it when they summarise their conversation. */
const compactions: ReadonlySet<string> = new Set(['Summarise the conversation', 'Compact conversation'])
const changing: ReadonlySet<ToolFamily> = new Set(['write', 'edit', 'delete', 'run', 'agent', 'other'])

/** Tells the log of one turn's tool calls: started, finished; and those who watch, of their output as it comes. */
export class ToolReports {
  readonly #turnId: string
  readonly #seed: string
  readonly #worktree: string
  readonly #server: string
  readonly #context: RunnerContext
  readonly #feed: LiveFeed
  readonly #activity: Activity
  readonly #transcript: Transcript
  readonly #changes: TreeChanges
  readonly #telling: Telling
  /** Tells at once; only {@link Telling} keeps the order with what comes later. */
  readonly #observe: <T extends KnownObservation['type']>(type: T, data: ObservationData<T>, step: string) => void
  readonly #began: (toolId: string) => void
  readonly #reports = new Map<string, Report>()
  #stopping = false

  constructor(parts: {
    turnId: string
    /** What ids are derived from: another one for each process that the turn is worked on by. */
    seed: string
    worktree: string
    /** The server of the session's own tools. */
    server: string
    context: RunnerContext
    feed: LiveFeed
    activity: Activity
    transcript: Transcript
    changes: TreeChanges
    telling: Telling
    observe: <T extends KnownObservation['type']>(type: T, data: ObservationData<T>, step: string) => void
    /** Told when the row of a call is there. */
    began: (toolId: string) => void
  }) {
    this.#began = parts.began
    this.#turnId = parts.turnId
    this.#seed = parts.seed
    this.#worktree = parts.worktree
    this.#server = parts.server
    this.#context = parts.context
    this.#feed = parts.feed
    this.#activity = parts.activity
    this.#transcript = parts.transcript
    this.#changes = parts.changes
    this.#telling = parts.telling
    this.#observe = parts.observe
  }

  /** The agent said something about a call. */
  update(call: ToolCall): void {
    const report = this.#of(call)
    if (report.finished) return
    report.call = call
    // Agents announce a call before they know what it is about; a row without words helps nobody.
    const known = call.target !== '' || ownTool(this.#server, call) !== undefined
    if (known || call.status !== 'pending') this.start(call)
    if (report.started) this.#stream(report, call.output)
    if (call.status === 'done' || call.status === 'failed')
      this.#finish(
        report,
        report.rejected ? 'rejected' : this.#stopping && call.status === 'failed' ? 'canceled' : call.status,
      )
  }

  /** Begins the row of a call. @returns its id in the log. */
  start(call: ToolCall): string {
    const report = this.#of(call)
    report.call = call
    if (report.started) return report.toolId
    report.started = true
    report.startedAt = this.#context.now()
    const parent = call.parentCallId ? this.#reports.get(call.parentCallId)?.toolId : undefined
    this.#transcript.write({
      kind: 'toolStarted',
      toolId: report.toolId,
      family: call.family,
      at: report.startedAt,
    })
    this.#telling.tell(() => {
      this.#observe(
        'tool.started',
        { toolId: report.toolId, turnId: this.#turnId, ...this.#words(call), ...(parent ? { parentId: parent } : {}) },
        `tool:${call.callId}`,
      )
      this.#began(report.toolId)
    })
    return report.toolId
  }

  /** The id in the log of a call that has begun. */
  idOf(callId: string): string | undefined {
    const report = this.#reports.get(callId)
    return report?.started ? report.toolId : undefined
  }

  /** The turn is being stopped: what fails from here on was canceled. */
  stopping(): void {
    this.#stopping = true
  }

  /** A person said no: the failure that the agent will report is theirs. */
  rejected(callId: string): void {
    const report = this.#reports.get(callId)
    if (report) report.rejected = true
  }

  /** The turn is over: what has not ended, ends with it. */
  close(outcome: ToolOutcome): void {
    for (const report of this.#reports.values()) {
      if (report.started && !report.finished) this.#finish(report, report.rejected ? 'rejected' : outcome)
    }
  }

  #of(call: ToolCall): Report {
    const known = this.#reports.get(call.callId)
    if (known) return known
    const report: Report = {
      toolId: derivedId(this.#seed, 'tool', call.callId),
      streamed: new StreamedText(this.#context.redaction),
      call,
      startedAt: this.#context.now(),
      seen: 0,
      started: false,
      finished: false,
      rejected: false,
    }
    this.#reports.set(call.callId, report)
    return report
  }

  #stream(report: Report, output: string): void {
    if (output.length <= report.seen || report.seen >= LIMITS.toolStreamChars) return
    const end = Math.min(output.length, LIMITS.toolStreamChars)
    const piece = output.slice(report.seen, end)
    report.seen = end
    const offset = report.streamed.text.length
    this.#show(report, offset, report.streamed.push(piece))
  }

  #show(report: Report, offset: number, text: string): void {
    if (text === '') return
    this.#feed.text({ itemId: report.toolId, channel: 'output', turnId: this.#turnId, offset, text })
    this.#transcript.write({ kind: 'output', toolId: report.toolId, text })
  }

  #finish(report: Report, outcome: ToolOutcome): void {
    report.finished = true
    const { call } = report
    const durationMs = this.#context.now() - report.startedAt
    const looks = changing.has(call.family) && outcome !== 'rejected' && ownTool(this.#server, call) === undefined
    const changes = looks ? this.#changes.since() : Promise.resolve([])
    // Without a diff a step is still told: git may fail in a tree that is being changed.
    const found = changes.catch((error: unknown): StepChange[] => {
      this.#context.say(
        `What a step changed could not be read: ${error instanceof Error ? error.message : String(error)}`,
      )
      return []
    })
    this.#telling.tellWith(found, (known) => this.#tellFinished(report, outcome, durationMs, known))
  }

  #tellFinished(report: Report, outcome: ToolOutcome, durationMs: number, changes: readonly StepChange[]): void {
    const { call, toolId } = report
    const { text, omitted } = cutOutput(this.#context.redaction.text(call.output))
    if (changes.length > 0) this.#feed.worktreeChanged()
    this.#activity.files(changes)
    this.#observe(
      'tool.finished',
      {
        toolId,
        turnId: this.#turnId,
        outcome,
        ...(call.family === 'run' ? { exitCode: call.exitCode } : {}),
        durationMs,
        output: text,
        omittedChars: omitted,
        ...this.#words(call),
        ...(changes.length > 0 ? { changes: [...changes] } : {}),
      },
      `toolFinished:${call.callId}`,
    )
    this.#transcript.write({ kind: 'toolFinished', toolId })
    this.#feed.end(toolId)
    if (outcome === 'done' && compactions.has(call.title)) this.#compacted(call, text)
  }

  /** The agent made room for itself: what it remembers from here on is what it noted (M-10). */
  #compacted({ callId }: ToolCall, notes: string): void {
    const text =
      notes.trim() === ''
        ? 'The agent summarised the conversation to make room: it remembers what is above in outline only.'
        : `The agent summarised the conversation to make room. This is what it remembers of what is above:\n\n${notes}`
    const message = summaryMessage(text, [this.#seed, callId], this.#turnId)
    this.#observe('message.added', message, `compacted:${callId}`)
  }

  #words(call: ToolCall): { family: ToolFamily; title: string; target: string } {
    const own = ownTool(this.#server, call)
    if (own) return { family: 'other', title: ownWords[own], target: '' }
    const isPath = call.family !== 'run' && call.family !== 'search' && call.family !== 'fetch'
    // Before they are cut: half a secret is one, too.
    const clean = (text: string): string => this.#context.redaction.text(text)
    return {
      family: call.family,
      title: cutEnd(clean(words[call.family] || call.title || 'Tool'), 300),
      target: cutEnd(clean(isPath ? shortPath(call.target, this.#worktree) : call.target), 4_000),
    }
  }
}
