import type { ApprovalDecision, SessionState, KnownObservation, ObservationData } from '@coppice/events'
import type { Redaction } from '../agents/redaction.ts'
import type { PermissionAnswer, ToolCall } from '../agents/happenings.ts'
import { derivedId } from '../derived-id.ts'
import { ownTool } from '../session-tools/server-entry.ts'
import { judgeStep, type Allowed } from './permission.ts'
import { detailOf, shortPath } from './step-detail.ts'
import { cutEnd } from './tool-text.ts'

type Settled = { readonly decision: ApprovalDecision | 'withdrawn'; readonly reason?: string | undefined }
type Pending = {
  readonly toolId: string
  readonly settle: (settled: Settled) => void
  requested: boolean
  withdrawing: boolean
}
type WithdrawReason = ObservationData<'approval.withdrawn'>['reason']

/**
 * The steps of one turn that wait for a person. The log decides which came first, the answer or the withdrawal: a step goes
 * on only when one of them is in it (D-5).
 */
export class Approvals {
  readonly #turnId: string
  readonly #seed: string
  readonly #worktree: string
  readonly #server: string
  readonly #redaction: Redaction
  readonly #state: () => SessionState
  readonly #allowed: () => Allowed
  readonly #observe: <T extends KnownObservation['type']>(type: T, data: ObservationData<T>, step: string) => void
  readonly #pending = new Map<string, Pending>()
  #count = 0
  #refusedOnce = false
  #closed = false
  /** What people wrote when they rejected steps of this turn. */
  readonly reasons: string[] = []

  constructor(parts: {
    turnId: string
    /** What ids are derived from: another one for each process that the turn is worked on by. */
    seed: string
    worktree: string
    /** The server of the session's own tools. */
    server: string
    redaction: Redaction
    state: () => SessionState
    allowed: () => Allowed
    observe: <T extends KnownObservation['type']>(type: T, data: ObservationData<T>, step: string) => void
  }) {
    this.#turnId = parts.turnId
    this.#seed = parts.seed
    this.#worktree = parts.worktree
    this.#server = parts.server
    this.#redaction = parts.redaction
    this.#state = parts.state
    this.#allowed = parts.allowed
    this.#observe = parts.observe
  }

  /** Decides a step, with a person if need be. */
  async ask(asked: ToolCall, toolId: string): Promise<PermissionAnswer> {
    if (this.#closed) return 'cancelled'
    // What is told, and what a rule is made of, has no secrets in it before anything is cut; paths are judged as they are.
    const call = this.#redaction.data(asked)
    // Asking a person whether the agent may ask a person helps nobody.
    const own = ownTool(this.#server, asked)
    const verdict = own ? ({ allow: 'coppice' } as const) : judgeStep(asked, this.#worktree, this.#allowed(), call)
    if ('reject' in verdict) {
      // Said once: an agent that does not listen must not be told for ever.
      if (!this.#refusedOnce) this.reasons.push(verdict.reject)
      this.#refusedOnce = true
      return 'reject'
    }
    if ('allow' in verdict) {
      this.#count += 1
      this.#observe('tool.permitted', { toolId, by: verdict.allow }, `permitted:${this.#count}`)
      return 'allow'
    }
    this.#count += 1
    const approvalId = derivedId(this.#seed, 'approval', this.#count)
    const answered = new Promise<Settled>((resolve) =>
      this.#pending.set(approvalId, { toolId, settle: resolve, requested: false, withdrawing: false }),
    )
    const target = call.family === 'run' ? call.target : shortPath(call.target, this.#worktree)
    const shown = { family: call.family, title: cutEnd(call.title || call.family, 300), target: cutEnd(target, 4_000) }
    const detail = await detailOf(call, this.#worktree)
    const pending = this.#pending.get(approvalId)
    if (this.#closed || !pending) return 'cancelled'
    pending.requested = true
    this.#observe(
      'approval.requested',
      { approvalId, toolId, turnId: this.#turnId, ...shown, ...detail, rule: verdict.ask },
      `approval:${approvalId}`,
    )
    this.modeChanged()
    const settled = await answered
    this.#pending.delete(approvalId)
    if (settled.decision === 'withdrawn') {
      if (this.#closed) return 'cancelled'
      this.#observe('tool.permitted', { toolId, by: 'auto' }, `permitted:${approvalId}`)
      return 'allow'
    }
    if (settled.decision !== 'reject') return 'allow'
    if (settled.reason) this.reasons.push(`The step "${shown.title} ${shown.target}" was rejected: ${settled.reason}`)
    return 'reject'
  }

  /** Whether a step waits for a person. */
  get waiting(): boolean {
    return this.#pending.size > 0
  }

  /** The log holds an answer. */
  answered(approvalId: string, decision: ApprovalDecision, reason: string | undefined): void {
    this.#pending.get(approvalId)?.settle({ decision, reason })
  }

  /** The log holds a withdrawal. */
  withdrawn(approvalId: string): void {
    this.#pending.get(approvalId)?.settle({ decision: 'withdrawn' })
  }

  /** In Auto nobody needs to answer what still waits. */
  modeChanged(): void {
    if (this.#state().stepMode === 'auto') this.#withdraw('switched_to_auto')
  }

  /** Nothing of this turn goes on: every waiting step is taken back. */
  close(reason: WithdrawReason): void {
    this.#closed = true
    this.#withdraw(reason)
    for (const pending of this.#pending.values()) pending.settle({ decision: 'withdrawn' })
  }

  #withdraw(reason: WithdrawReason): void {
    for (const [approvalId, pending] of this.#pending) {
      if (pending.withdrawing || !pending.requested) continue
      pending.withdrawing = true
      this.#observe('approval.withdrawn', { approvalId, toolId: pending.toolId, reason }, `withdrawn:${approvalId}`)
    }
  }
}
