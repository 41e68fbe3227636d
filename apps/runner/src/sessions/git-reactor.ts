import { changesFiles, idIn, isFileOperation, isIdeOperation, touchesRepository } from '@coppice/events'
import type { Attachment, SessionState } from '@coppice/events'
import { readFile } from 'node:fs/promises'
import type { Author } from '../git/author.ts'
import { MergeRefused } from '../git/merge.ts'
import type { Worktree } from '../git/worktree.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import { checkpointReport } from '../turns/checkpoint-report.ts'
import type { LiveFeed } from '../turns/live-feed.ts'
import { attachedFolder, fetchAttached } from '../turns/attached-files.ts'
import { applyUpload } from '../ide/apply-upload.ts'
import { tellIde } from '../ide/tell-ide.ts'
import { changeFiles } from '../files/change-files.ts'
import { forgetNote, noteBefore, perform, probe, type BeforeOperation, type OperationDone } from './git-operation.ts'

const FETCH_MS = 60_000

type Waiting = SessionState['operations'][number]

/** Runs the git operations that people ask for in one session: queued, each told as started and completed or failed. */
export class GitReactor {
  readonly #context: RunnerContext
  readonly #address: Address
  readonly #sessionId: string
  readonly #feed: LiveFeed
  readonly #state: () => SessionState
  readonly #authorOf: (userId: string) => Author
  readonly #taken = new Set<string>()
  /** Ends when those that were taken so far have: those that wait for nobody, and those that wait for the agent. */
  #plain: Promise<unknown> = Promise.resolve()
  #changing: Promise<unknown> = Promise.resolve()

  constructor(parts: {
    context: RunnerContext
    address: Address
    sessionId: string
    feed: LiveFeed
    state: () => SessionState
    authorOf: (userId: string) => Author
  }) {
    this.#context = parts.context
    this.#address = parts.address
    this.#sessionId = parts.sessionId
    this.#feed = parts.feed
    this.#state = parts.state
    this.#authorOf = parts.authorOf
  }

  /** Takes up what waits and is not taken yet. */
  reconcile(causeOf: (operationId: string) => Cause): void {
    for (const waiting of this.#state().operations) {
      if (this.#taken.has(waiting.operationId)) continue
      this.#taken.add(waiting.operationId)
      void this.#inOrder(waiting, () => this.#run(waiting, causeOf(waiting.operationId))).catch((error: unknown) =>
        this.#fail(waiting, causeOf(waiting.operationId), error),
      )
    }
  }

  /** As they were asked for: a merge finds what was committed before it. Only what waits for the agent is overtaken. */
  #inOrder({ operation }: Waiting, run: () => Promise<void>): Promise<void> {
    const waitsForAgent = changesFiles(operation)
    const done = (waitsForAgent ? Promise.all([this.#plain, this.#changing]) : this.#plain).then(run)
    // Whoever asked is told of its failure; the next one is not stopped by it.
    const over = done.catch(() => undefined)
    if (waitsForAgent) this.#changing = over
    else this.#plain = over
    return done
  }

  /** What changes files waits for the agent; all wait for each other; what touches shared refs waits for the repository too. */
  async #run(waiting: Waiting, cause: Cause): Promise<void> {
    const { locks, worktrees } = this.#context
    const worktree = await worktrees.find(this.#sessionId)
    if (!worktree) throw new Error('This runner has no worktree of that session.')
    const { operation } = waiting
    const held = [
      ...(changesFiles(operation) ? [`session/${this.#sessionId}`] : []),
      `git/${this.#sessionId}`,
      ...(touchesRepository(operation) ? [`repository/${worktree.repository.gitDir}`] : []),
    ]
    const locked = held.reduceRight<() => Promise<void>>(
      (work, name) => () =>
        locks.with(name, `git ${operation.kind}`, work, (by) =>
          this.#feed.progress('git', `${operation.kind} waits for ${by}`),
        ),
      () => this.#perform(waiting, worktree, cause),
    )
    await locked()
  }

  async #perform(waiting: Waiting, worktree: Worktree, cause: Cause): Promise<void> {
    const context = this.#context
    const { operationId, operation } = waiting
    this.#feed.progress('', '')
    // It may have been taken back while it waited.
    const pending = this.#state().operations.find((one) => one.operationId === operationId)
    if (!pending) return
    if (pending.started) {
      const done = await probe(context.dataFolder, worktree, operationId, operation)
      if (done) return this.#completed(operationId, done, cause)
      if (operation.kind === 'push')
        throw new Error('The runner was restarted while this ran. Look whether the branch is there, then push again.')
    }
    await noteBefore(context.dataFolder, worktree, operationId)
    // The log must hold that it began before it has an effect: after a crash nobody would know.
    const told = await context.observe(this.#address, 'git.started', { operationId }, cause, 'started')
    if (!told && !pending.started) return
    if (!this.#state().operations.some((one) => one.operationId === operationId)) return
    const before: BeforeOperation = (checkpoint, reason) =>
      void context.observe(
        this.#address,
        'checkpoint.created',
        checkpointReport(checkpoint, reason),
        cause,
        'checkpoint',
      )
    const done = isFileOperation(operation)
      ? {
          summary: await changeFiles(worktree, operation, {
            operationId,
            content: (content) => this.#contentOf(content),
            before: (checkpoint) => before(checkpoint, 'before_discard'),
          }),
        }
      : operation.kind === 'applyUpload'
        ? {
            summary: await applyUpload(worktree, Buffer.from(await this.#contentOf(operation.zip)), {
              operationId,
              dataFolder: context.dataFolder,
              before: (checkpoint) => before(checkpoint, 'before_merge'),
            }),
          }
        : await perform(worktree, operationId, operation, this.#authorOf(waiting.by), before, {
            ...context.env,
            ...context.secrets.environment(idIn(this.#address.log)),
          })
    await this.#completed(operationId, done, cause)
    if (isIdeOperation(operation.kind)) tellIde(context, this.#address, operationId, done.summary, cause)
  }

  /** What a person wrote, as it lies on the server. */
  async #contentOf(content: Attachment): Promise<Uint8Array> {
    const [file] = await fetchAttached(
      [content],
      {
        folder: attachedFolder(this.#context.dataFolder, this.#sessionId),
        workspaceId: idIn(this.#address.log),
        fetchBlob: this.#context.fetchBlob,
        signal: AbortSignal.timeout(FETCH_MS),
      },
      'Nothing was written; try again.',
    )
    if (!file) throw new Error(`${content.name} could not be fetched.`)
    return readFile(file.path)
  }

  async #completed(operationId: string, done: OperationDone, cause: Cause): Promise<void> {
    this.#feed.worktreeChanged()
    await this.#context.observe(
      this.#address,
      'git.completed',
      { operationId, ...done, summary: this.#context.redaction.text(done.summary).slice(0, 8_000) },
      cause,
      'completed',
    )
    await forgetNote(this.#context.dataFolder, operationId)
  }

  #fail({ operationId }: Waiting, cause: Cause, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    const files = error instanceof MergeRefused && error.files.length > 0 ? { files: error.files.slice(0, 200) } : {}
    this.#feed.worktreeChanged()
    void this.#context.observe(
      this.#address,
      'git.failed',
      { operationId, message: this.#context.redaction.text(message).slice(0, 8_000), ...files },
      cause,
      'failed',
    )
    forgetNote(this.#context.dataFolder, operationId).catch((problem: unknown) =>
      // The operation is told; a note too many costs a file.
      this.#context.say(`The note of git operation ${operationId} stays: ${String(problem)}`),
    )
  }
}
