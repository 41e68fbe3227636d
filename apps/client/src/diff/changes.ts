import { workspaceLog, type SessionRow } from '@coppice/events'
import type { DiffScope } from '@coppice/protocol'
import type { Replica } from '@coppice/replica'
import { createEffect, createSignal, on, onCleanup, untrack, type Accessor } from 'solid-js'
import { askOrKept } from '../sync/kept-answers.ts'
import { FileModel, type PageSettings, type Sides } from './file-model.ts'
import { PatchLoader } from './patch-loader.ts'

/** The changed files of a session in one scope, kept up to date. */
export interface Changes {
  readonly files: Accessor<readonly FileModel[]>
  /** `none` until the first answer is there. */
  readonly state: Accessor<'none' | 'known'>
  readonly failure: Accessor<string | undefined>
  /** Since when it may be old: the runner cannot be asked now. */
  readonly asOf: Accessor<number | undefined>
  readonly truncated: Accessor<boolean>
  readonly loader: PatchLoader
  /** Asks anew; files whose content is the same stay as they are on the page. */
  again(): void
}

export function createChanges(of: {
  readonly replica: Replica
  readonly session: SessionRow
  readonly scope: Accessor<DiffScope>
  readonly ignoreSpace: Accessor<boolean>
  readonly page: PageSettings
}): Changes {
  const { replica, page } = of
  const { sessionId } = of.session
  const log = workspaceLog(of.session.workspaceId)
  const loader = new PatchLoader(replica, log, sessionId)
  const [files, setFiles] = createSignal<readonly FileModel[]>([])
  const [state, setState] = createSignal<'none' | 'known'>('none')
  const [failure, setFailure] = createSignal<string>()
  const [asOf, setAsOf] = createSignal<number>()
  const [truncated, setTruncated] = createSignal(false)
  let asked = 0
  const ask = async () => {
    asked += 1
    const mine = asked
    const ignoreSpace = untrack(of.ignoreSpace)
    const answer = await askOrKept(replica, log, {
      kind: 'diff.files',
      sessionId,
      scope: untrack(of.scope),
      ignoreSpace,
    })
    if (mine !== asked) return
    if (!answer.ok) {
      setFailure(answer.message)
      return
    }
    const sides: Sides = { from: answer.from, to: answer.to, ignoreSpace }
    const before = new Map(untrack(files).map((file) => [file.path, file]))
    const now = answer.files.map((info) => {
      const known = before.get(info.path)
      if (known?.content === info.content && known.sides().ignoreSpace === ignoreSpace) {
        before.delete(info.path)
        known.told(info, sides)
        if (known.patch().kind === 'failed') known.forget()
        return known
      }
      const made = new FileModel(info, sides, page)
      if (known) made.setOpen(untrack(known.open))
      return made
    })
    setFailure(undefined)
    setAsOf(answer.asOf)
    setTruncated(answer.truncated)
    setFiles(now)
    setState('known')
    for (const gone of before.values()) gone.close()
  }
  createEffect(
    on([of.scope, of.ignoreSpace], () => {
      setState('none')
      void ask()
    }),
  )
  onCleanup(() => {
    asked += 1
    loader.close()
    for (const file of files()) file.close()
  })
  return { files, state, failure, asOf, truncated, loader, again: () => void ask() }
}
