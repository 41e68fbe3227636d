import { isPicturePath, type QueryAnswer } from '@coppice/protocol'
import { batch, createMemo, createRoot, createSignal, type Accessor } from 'solid-js'
import { parseHunks, type Hunk } from '../git/hunks.ts'
import { isFolded } from '../git/folded-files.ts'
import { fileRows, type Around, type FileRow } from './file-rows.ts'
import { LinePaint } from './line-paint.ts'
import { placeThread } from './place-thread.ts'
import { layoutOf, type Layout, type LayoutSettings } from './row-layout.ts'
import type { Thread } from './review-message.ts'
import type { CommentPlace } from '@coppice/events'

export type ChangedFile = Extract<QueryAnswer<'diff.files'>, { ok: true }>['files'][number]
/** What the file is compared between. */
export type Sides = { readonly from: string; readonly to: string; readonly ignoreSpace: boolean }

/** What is missing of a patch: nothing, what is being fetched, or what never is. */
type Rest = 'none' | 'coming' | 'too_large'

export type Patch =
  | { readonly kind: 'none' | 'loading' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'text'; readonly hunks: readonly Hunk[]; readonly rest: Rest }

/** A comment that is being written, and where. */
export interface Writing {
  readonly place: CommentPlace
}

/** What all files of a page share. */
export interface PageSettings {
  readonly layout: Accessor<LayoutSettings>
  readonly threads: (path: string) => readonly Thread[]
  readonly writing: Accessor<Writing | undefined>
  readonly showResolved: Accessor<boolean>
  /** Each hunk has a head, because something can be done with it. */
  readonly heads: Accessor<boolean>
  readonly viewed: (file: ChangedFile) => boolean
}

const NO_LINES: Around = { lines: new Map(), total: undefined }

/** One changed file on the page: what is known of it, and the rows that it is drawn as. */
export class FileModel {
  readonly path: string
  readonly content: string
  readonly info: Accessor<ChangedFile>
  readonly sides: Accessor<Sides>
  readonly patch: Accessor<Patch>
  readonly open: Accessor<boolean>
  readonly layout: Accessor<Layout>
  readonly paint: LinePaint
  readonly close: () => void
  readonly #setInfo: (info: ChangedFile) => void
  readonly #setSides: (sides: Sides) => void
  readonly #setPatch: (patch: Patch) => void
  readonly #setOpen: (open: boolean) => void
  readonly #setAround: (around: Around) => void
  readonly #around: Accessor<Around>

  constructor(file: ChangedFile, given: Sides, page: PageSettings) {
    this.path = file.path
    this.content = file.content
    const made = createRoot((close) => {
      const [info, setInfo] = createSignal(file)
      const [sides, setSides] = createSignal(given)
      const [patch, setPatch] = createSignal<Patch>({ kind: 'none' })
      const [open, setOpen] = createSignal(!isFolded(file.path) && !page.viewed(file))
      const [around, setAround] = createSignal(NO_LINES)
      const paint = new LinePaint(file.path, () => hunksOf(patch()))
      const layout = createMemo(() => {
        if (!open()) return layoutOf([], page.layout(), undefined)
        const known = patch()
        if (known.kind !== 'text') {
          const changed = info().additions + info().deletions
          if (known.kind === 'failed')
            return layoutOf([{ kind: 'note', text: known.message }], page.layout(), undefined)
          return layoutOf([], page.layout(), file.binary ? 0 : changed)
        }
        const bare = rowsOf(known, info(), around(), page.layout().split, page.heads())
        return layoutOf(withThreads(bare, this.path, page), page.layout(), undefined)
      })
      return { info, setInfo, sides, setSides, patch, setPatch, open, setOpen, around, setAround, paint, layout, close }
    })
    this.info = made.info
    this.sides = made.sides
    this.patch = made.patch
    this.open = made.open
    this.layout = made.layout
    this.paint = made.paint
    this.close = made.close
    this.#setInfo = made.setInfo
    this.#setSides = made.setSides
    this.#setPatch = made.setPatch
    this.#setOpen = made.setOpen
    this.#around = made.around
    this.#setAround = made.setAround
  }

  /** The same content, told anew. */
  told(info: ChangedFile, sides: Sides): void {
    batch(() => {
      this.#setInfo(info)
      this.#setSides(sides)
    })
  }

  setOpen(open: boolean): void {
    this.#setOpen(open)
  }

  loading(): void {
    this.#setPatch({ kind: 'loading' })
  }

  forget(): void {
    this.#setPatch({ kind: 'none' })
  }

  failed(message: string): void {
    this.#setPatch({ kind: 'failed', message })
  }

  loaded(text: string, rest: Rest): void {
    this.#setPatch({ kind: 'text', hunks: parseHunks(text), rest })
  }

  /** Lines of the file that were fetched, the first of them with its number. */
  around(first: number, texts: readonly string[], total: number): void {
    const lines = new Map(this.#around().lines)
    for (const [index, text] of texts.entries()) lines.set(first + index, text)
    this.#setAround({ lines, total })
  }
}

const restWords = {
  coming: 'The rest of this diff is on its way.',
  too_large: 'The rest of this diff is too large to be shown here. Open the file to see how it is now.',
}

const hunksOf = (patch: Patch): readonly Hunk[] => (patch.kind === 'text' ? patch.hunks : [])

function rowsOf(
  { hunks, rest }: Extract<Patch, { kind: 'text' }>,
  info: ChangedFile,
  around: Around,
  split: boolean,
  heads: boolean,
): FileRow[] {
  const whole = info.status === 'added' || info.status === 'deleted'
  const known = whole ? { lines: around.lines, total: 0 } : around
  const rows = info.binary ? [] : fileRows(hunks, known, split, heads)
  const pictured = isPicturePath(info.path) && info.is === undefined
  if (pictured) rows.unshift({ kind: 'picture' })
  const words = pictured && info.binary ? undefined : noteOf(info, hunks.length)
  if (words) rows.push({ kind: 'note', text: words })
  if (rest !== 'none') rows.push({ kind: 'note', text: restWords[rest] })
  return rows
}

/** Why there are no lines, if so. */
function noteOf(info: ChangedFile, hunks: number): string | undefined {
  if (info.is === 'submodule') return 'A submodule: it stands at another commit. Its own files are not compared.'
  if (info.binary) return 'A binary file: it is not shown as text.'
  if (hunks > 0) return undefined
  if (info.status === 'renamed') return 'Renamed; its text is the same.'
  return info.additions + info.deletions === 0 ? 'No line differs: it is empty, or only its mode changed.' : undefined
}

/** Threads and the comment being written stand below their lines; those whose line is gone, on top. */
function withThreads(rows: readonly FileRow[], path: string, page: PageSettings): readonly FileRow[] {
  const threads = page.threads(path).filter(({ first }) => page.showResolved() || first.resolvedBy === undefined)
  const writing = page.writing()
  const writes = writing?.place.path === path ? writing : undefined
  if (threads.length === 0 && !writes) return rows
  const top: FileRow[] = []
  const below = new Map<number, FileRow[]>()
  const put = (row: FileRow, at: number | undefined) => {
    if (at === undefined) top.push(row)
    else below.set(at, [...(below.get(at) ?? []), row])
  }
  for (const { first } of threads) {
    const at = first.place && placeThread(first.place, rows)
    put({ kind: 'thread', threadId: first.commentId, lost: at === undefined }, at)
  }
  if (writes) put({ kind: 'writer' }, placeThread(writes.place, rows))
  return [...top, ...rows.flatMap((row, index) => [row, ...(below.get(index) ?? [])])]
}
