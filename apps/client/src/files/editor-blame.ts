import { workspaceLog, type CheckpointRow, type OperationRow, type SessionRow } from '@coppice/events'
import { BLAMED_CHECKPOINTS, type QueryAnswer } from '@coppice/protocol'
import type { Replica } from '@coppice/replica'
import { createEffect, createSignal, on, onCleanup, type Accessor } from 'solid-js'
import { originOf, telling, toolOf } from '../diff/blame-origin.ts'
import { KnownTurns } from '../diff/known-turns.ts'
import { askOrKept } from '../sync/kept-answers.ts'
import { blameGutter } from './blame-gutter.ts'
import { blameLines } from './blame-lines.ts'
import { shortWords, type LineWriter } from './blame-words.ts'
import type { CodeEditor } from './code-editor.ts'

type Told = Extract<QueryAnswer<'file.blame'>, { ok: true }>

/** Whether the lines' writers are shown; it holds from file to file. */
const [shown, setShown] = createSignal(false)

/** Who wrote the lines of a file that is open (AU-5). */
export interface EditorBlame {
  readonly on: Accessor<boolean>
  readonly toggle: () => void
  /** Asks anew, where it is shown: the file may be another one now. */
  readonly again: () => void
  /** Why nothing is told; undefined where something is, or is being asked. */
  readonly problem: Accessor<string | undefined>
  /** The line that the cursor is in, and who wrote it; undefined until that is known. */
  readonly here: Accessor<{ readonly line: number; readonly writer: LineWriter } | undefined>
}

export function createEditorBlame(of: {
  readonly replica: Replica
  readonly session: Accessor<SessionRow>
  readonly path: string
  readonly editor: Accessor<CodeEditor | undefined>
  readonly operations: Accessor<readonly OperationRow[]>
  readonly nameOf: (userId: string) => string
}): EditorBlame {
  const { replica, path } = of
  const turns = new KnownTurns(replica, of.session().sessionId)
  onCleanup(() => turns.close())
  const [problem, setProblem] = createSignal<string>()
  const [place, setPlace] = createSignal<{ line: number; writer: LineWriter }>()
  let told: Told | undefined
  let checkpoints: readonly CheckpointRow[] = []
  let asked = 0

  const writerOf = (by: string | undefined, text: string): LineWriter => {
    if (by === undefined) return { kind: 'unsaved' }
    const commit = told?.commits.find(({ id }) => id === by)
    if (commit) return { kind: 'commit', commit }
    const origin = originOf(by, checkpoints)
    if (origin.kind === 'now') return { kind: 'uncommitted', savedBy: savedBy(checkpoints.at(-1)?.at ?? 0, Infinity) }
    const facts = turns.get(origin.turnId)
    const line = { origin, facts, tool: facts && toolOf(facts, path, text) }
    if (origin.kind === 'turn') return { kind: 'turn', line }
    const before = checkpoints.findLast((one) => one.at < origin.at)?.at ?? 0
    return { kind: 'between', line, savedBy: savedBy(before, origin.at) }
  }
  /** Who saved the file from an editor here in that time. */
  const savedBy = (from: number, to: number): readonly string[] => [
    ...new Set(
      of
        .operations()
        .filter(
          ({ operation, state, at }) =>
            operation.kind === 'writeFile' && operation.path === path && state === 'completed' && at > from && at <= to,
        )
        .map(({ by }) => of.nameOf(by)),
    ),
  ]
  const look = () => {
    const editor = of.editor()
    if (!editor || !told) return setPlace(undefined)
    const { state } = editor.view
    const { number, text } = state.doc.lineAt(state.selection.main.head)
    const by = gutter.of(editor.view, number)
    setPlace(by === 'end' ? undefined : { line: number, writer: writerOf(by, text) })
  }
  const gutter = blameGutter((by, _, text) => (by === 'end' ? '' : shortWords(writerOf(by, text))), look)

  const ask = async () => {
    const editor = of.editor()
    if (!editor) return
    asked += 1
    const mine = asked
    const { sessionId, workspaceId } = of.session()
    const log = workspaceLog(workspaceId)
    const rows = [...(await replica.ofSession('checkpoints', sessionId))].sort((a, b) => a.at - b.at)
    const ids = telling(rows)
      .map((one) => one.commit)
      .slice(-BLAMED_CHECKPOINTS)
    const [answer, file] = await Promise.all([
      askOrKept<'file.blame'>(replica, log, { kind: 'file.blame', sessionId, path, checkpoints: ids }),
      askOrKept<'file.read'>(replica, log, { kind: 'file.read', sessionId, path }),
    ])
    if (mine !== asked) return
    if (!answer.ok || !file.ok) {
      setProblem(answer.ok ? (file.ok ? undefined : file.message) : answer.message)
      return
    }
    if (answer.sha256 !== file.sha256) {
      setProblem(
        answer.asOf === undefined
          ? 'The file is being written right now. It is looked at again when that is done.'
          : 'Who wrote these lines was asked of another version of the file. It is asked anew when the runner is back.',
      )
      return
    }
    for (const by of new Set(answer.runs.map((run) => run.by))) await turns.load(originOf(by, rows).turnId)
    if (mine !== asked || of.editor() !== editor || !shown()) return
    told = answer
    checkpoints = rows
    setProblem(undefined)
    gutter.tell(editor.view, blameLines(editor.plain(file.text), editor.plain(editor.text()), answer.runs))
  }
  createEffect(
    on([shown, of.editor], ([now, editor]) => {
      if (!editor) return
      asked += 1
      told = undefined
      setPlace(undefined)
      setProblem(undefined)
      editor.beside(now ? gutter.extension : [])
      if (now) void ask()
    }),
  )
  onCleanup(() => (asked += 1))
  return {
    on: shown,
    toggle: () => setShown(!shown()),
    again: () => shown() && void ask(),
    problem,
    here: place,
  }
}
