import {
  isRefusal,
  newId,
  sessionStream,
  workspaceLog,
  type Attachment,
  type OperationRow,
  type SessionRow,
} from '@coppice/events'
import type { Replica } from '@coppice/replica'
import { createSignal, type Accessor } from 'solid-js'
import { namesIn } from '../format/names-in.ts'
import { replaceLines, type Replacing } from './replace-lines.ts'

/** So many files are read and written at once. */
const AT_ONCE = 4

/** Lines of a file, by their number, each as it was found. */
export interface ChosenLines {
  readonly path: string
  readonly lines: ReadonlyMap<number, string>
}

/** What became of it so far. */
export interface ReplacedSoFar {
  readonly state: 'busy' | 'done' | 'undoing' | 'undone'
  readonly files: number
  /** Files that are written, or were left alone. */
  readonly settled: number
  readonly hits: number
  /** What was left alone, and why. */
  readonly left: readonly { readonly path: string; readonly why: string }[]
}

interface Written {
  readonly path: string
  readonly before: Attachment
  readonly after: Attachment
}

const NOTHING: ReplacedSoFar = { state: 'busy', files: 0, settled: 0, hits: 0, left: [] }

/**
 * Replacing in the files of a session. Each file is saved as the editor saves it: over the version that was read, so that a file
 * that somebody else writes at the same moment is left alone and named. All of it is taken back as one step, in the same way.
 */
export class Replacement {
  readonly so: Accessor<ReplacedSoFar | undefined>
  readonly #setSo: (so: ReplacedSoFar | undefined) => void
  readonly #replica: Replica
  readonly #session: SessionRow
  #written: Written[] = []

  constructor(replica: Replica, session: SessionRow) {
    this.#replica = replica
    this.#session = session
    const [so, setSo] = createSignal<ReplacedSoFar>()
    this.so = so
    this.#setSo = setSo
  }

  get canUndo(): boolean {
    return this.so()?.state === 'done' && this.#written.length > 0
  }

  async replace(files: readonly ChosenLines[], replacing: Replacing): Promise<void> {
    if (this.#busy) return
    this.#written = []
    this.#setSo({ ...NOTHING, files: files.length })
    await eachOf(files, (file) => this.#tried(file.path, () => this.#replaceIn(file, replacing)))
    this.#tell({ state: 'done' })
  }

  /** Every file as it was; one that was changed since is left alone. */
  async undo(): Promise<void> {
    if (!this.canUndo) return
    const written = this.#written
    this.#setSo({ ...NOTHING, state: 'undoing', files: written.length })
    await eachOf(written, ({ path, before, after }) =>
      this.#tried(path, async () => {
        await this.#write(path, before, after.sha256)
        return 0
      }),
    )
    this.#tell({ state: 'undone' })
  }

  get #busy(): boolean {
    const state = this.so()?.state
    return state === 'busy' || state === 'undoing'
  }

  #tell(more: Partial<ReplacedSoFar>): void {
    this.#setSo({ ...(this.so() ?? NOTHING), ...more })
  }

  /** What goes wrong with one file is said of that one. */
  async #tried(path: string, act: () => Promise<number>): Promise<void> {
    const { left, hits } = await act().then(
      (found) => ({ hits: found, left: [] }),
      (error: unknown) => ({ hits: 0, left: [{ path, why: error instanceof Error ? error.message : String(error) }] }),
    )
    const so = this.so() ?? NOTHING
    this.#tell({ settled: so.settled + 1, hits: so.hits + hits, left: [...so.left, ...left] })
  }

  async #replaceIn({ path, lines }: ChosenLines, replacing: Replacing): Promise<number> {
    const file = await this.#replica.query(workspaceLog(this.#session.workspaceId), {
      kind: 'file.read',
      sessionId: this.#session.sessionId,
      path,
    })
    if (!file.ok) throw new LeftAlone(file.message)
    if (file.tooLarge) throw new LeftAlone('It is too large to be changed here.')
    if (file.binary) throw new LeftAlone('It is no text in UTF-8.')
    const { text, hits, changedMeanwhile } = replaceLines(file.text, lines, replacing)
    if (hits === 0) throw new LeftAlone('It was changed since it was found.')
    const before = await this.#kept(path, file.text)
    const after = await this.#kept(path, text)
    await this.#write(path, after, file.sha256)
    this.#written.push({ path, before, after })
    if (changedMeanwhile > 0)
      this.#tell({
        left: [
          ...(this.so()?.left ?? []),
          { path, why: `${changedMeanwhile} of its lines were changed since they were found.` },
        ],
      })
    return hits
  }

  async #kept(path: string, text: string): Promise<Attachment> {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const kept = await this.#replica.putBlob(new Blob([text]), { name, type: 'text/plain' })
    if (isRefusal(kept)) throw new LeftAlone(kept.message)
    return kept
  }

  /** Settles when the runner has written it. @throws {LeftAlone} where it has not */
  async #write(path: string, content: Attachment, base: string): Promise<void> {
    const { workspaceId, sessionId } = this.#session
    const operationId = newId()
    const ended = this.#endOf(operationId)
    try {
      const sent = await this.#replica.command(
        { log: workspaceLog(workspaceId), stream: sessionStream(sessionId) },
        'git.request',
        { operationId, operation: { kind: 'writeFile', path, content, base } },
      )
      if (isRefusal(sent)) throw new LeftAlone(sent.message)
      const settled = await sent.settled
      if (settled.kind === 'refused') throw new LeftAlone(namesIn(settled.refusal.message, this.#replica.rows('users')))
      const row = await ended.row
      if (row.state !== 'completed') throw new LeftAlone(row.message || 'It was not written.')
    } finally {
      ended.stop()
    }
  }

  /** The operation's row, once the runner is through with it. */
  #endOf(operationId: string): { readonly row: Promise<OperationRow>; stop(): void } {
    const { sessionId } = this.#session
    let stop = (): void => undefined
    const row = new Promise<OperationRow>((resolve) => {
      const look = async (): Promise<void> => {
        const rows = await this.#replica.ofSession('operations', sessionId)
        const found = rows.find((one) => one.operationId === operationId)
        if (found && ['completed', 'failed', 'canceled'].includes(found.state)) resolve(found)
      }
      stop = this.#replica.onOfSession((table, of) => {
        if (table === 'operations' && (of === '' || of === sessionId)) void look()
      })
      void look()
    })
    return { row, stop }
  }
}

/** Why a file was not changed, in a sentence. */
class LeftAlone extends Error {}

/** Does something with each, a few at once. */
async function eachOf<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const left = [...all]
  const work = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await act(one)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

const replacements = new Map<string, Replacement>()

/** The session's, as long as the page is open: what is under way goes on, and can be undone, when the panel shows something else. */
export function replacementOf(replica: Replica, session: SessionRow): Replacement {
  const known = replacements.get(session.sessionId) ?? new Replacement(replica, session)
  replacements.set(session.sessionId, known)
  return known
}
