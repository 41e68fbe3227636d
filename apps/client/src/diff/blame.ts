import { workspaceLog, type CheckpointRow, type ItemRow, type SessionRow } from '@coppice/events'
import { BLAMED_CHECKPOINTS } from '@coppice/protocol'
import type { Replica } from '@coppice/replica'
import { createSignal, onCleanup, type Accessor } from 'solid-js'
import { toast } from '../parts/toasts.tsx'
import { originOf, telling, toolOf, type Origin, type TurnFacts } from './blame-origin.ts'
import type { FileModel } from './file-model.ts'
import { KnownTurns } from './known-turns.ts'

/** A line's origin, with what is known of the turn. */
export interface LineOrigin {
  readonly origin: Origin
  readonly facts: TurnFacts | undefined
  readonly tool: ItemRow | undefined
}

/** Which turn and step wrote the lines of a session's files (AU-5); asked for file by file, and kept while the file's content is the same. */
export interface Blame {
  readonly on: Accessor<boolean>
  readonly toggle: () => void
  /** Files that are on the page: what is not known of them is asked for. */
  readonly near: (files: readonly FileModel[]) => void
  /** Where a line of the newer side came from; undefined while that is not known. */
  readonly of: (file: FileModel, line: number, text: string) => LineOrigin | undefined
  /** The first line of a run has the words of it. */
  readonly begins: (file: FileModel, line: number) => boolean
}

type Lines = ReadonlyMap<number, string>

export function createBlame(replica: Replica, session: Accessor<SessionRow>): Blame {
  const [on, setOn] = createSignal(false)
  const [version, setVersion] = createSignal(0)
  const files = new Map<string, Lines | 'asked'>()
  let checkpoints: readonly CheckpointRow[] = []
  const turns = new KnownTurns(replica, session().sessionId)
  onCleanup(() => turns.close())
  const keyOf = (file: FileModel) => `${file.path} ${file.content} ${file.sides().to}`

  const ask = async (file: FileModel) => {
    const key = keyOf(file)
    if (files.has(key)) return
    files.set(key, 'asked')
    const { sessionId, workspaceId } = session()
    checkpoints = [...(await replica.ofSession('checkpoints', sessionId))].sort((a, b) => a.at - b.at)
    const answer = await replica.query(workspaceLog(workspaceId), {
      kind: 'diff.blame',
      sessionId,
      tree: file.sides().to,
      path: file.path,
      checkpoints: telling(checkpoints)
        .map((one) => one.commit)
        .slice(-BLAMED_CHECKPOINTS),
    })
    if (!answer.ok) {
      toast(answer.message, { bad: true })
      files.delete(key)
      return
    }
    const lines = new Map<number, string>()
    for (const { line, count, by } of answer.runs) for (let n = 0; n < count; n += 1) lines.set(line + n, by)
    const known = new Set(lines.values())
    for (const by of known) await turns.load(originOf(by, checkpoints).turnId)
    files.set(key, lines)
    setVersion((n) => n + 1)
  }
  const linesOf = (file: FileModel): Lines | undefined => {
    version()
    const lines = files.get(keyOf(file))
    return lines === 'asked' ? undefined : lines
  }
  return {
    on,
    toggle: () => setOn(!on()),
    near(shown) {
      if (!on()) return
      for (const file of shown)
        if (file.open() && !file.info().binary && file.info().status !== 'deleted') void ask(file)
    },
    of(file, line, text) {
      const by = linesOf(file)?.get(line)
      if (by === undefined) return undefined
      const origin = originOf(by, checkpoints)
      const facts = turns.get(origin.turnId)
      return { origin, facts, tool: facts && toolOf(facts, file.path, text) }
    },
    begins(file, line) {
      const lines = linesOf(file)
      return lines !== undefined && lines.get(line) !== lines.get(line - 1)
    },
  }
}
