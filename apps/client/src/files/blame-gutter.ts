import { StateEffect, StateField, type ChangeSet, type Extension, type Text } from '@codemirror/state'
import { EditorView, gutter, GutterMarker } from '@codemirror/view'

/** What had a line first, by line from 1; undefined: typed since, and not saved. */
export type BlamedLines = readonly (string | undefined)[]

/** Who wrote each line, beside its number. */
export interface BlameGutter {
  readonly extension: Extension
  /** Tells the lines of the text as it is now. */
  tell(view: EditorView, lines: BlamedLines): void
  of(view: EditorView, line: number): string | undefined
}

class Words extends GutterMarker {
  readonly #words: string

  constructor(words: string) {
    super()
    this.#words = words
  }

  override eq(other: GutterMarker): boolean {
    return other instanceof Words && other.#words === this.#words
  }

  override toDOM(): Node {
    return document.createTextNode(this.#words)
  }
}

/**
 * @param short the words of a line's origin, in so few letters that they fit
 * @param moved called with the line that the cursor is in
 */
export function blameGutter(short: (by: string, line: number, text: string) => string, moved: () => void): BlameGutter {
  const told = StateEffect.define<BlamedLines>()
  const field = StateField.define<BlamedLines>({
    create: () => [],
    update(lines, transaction) {
      let now = lines
      if (transaction.docChanged && lines.length > 0)
        now = movedLines(lines, transaction.changes, transaction.startState.doc, transaction.newDoc)
      for (const effect of transaction.effects) if (effect.is(told)) now = effect.value
      return now
    },
  })
  const marks = gutter({
    class: 'cm-blame',
    lineMarker(view, block) {
      const lines = view.state.field(field)
      if (lines.length === 0) return null
      const { number, text } = view.state.doc.lineAt(block.from)
      const by = lines[number - 1]
      // A run of lines has its words once.
      if (number > 1 && lines[number - 2] === by) return null
      return new Words(by === undefined ? 'Not saved' : short(by, number, text))
    },
    lineMarkerChange: (update) => update.startState.field(field) !== update.state.field(field),
    // Its width is there before the words are: nothing moves when they come.
    initialSpacer: () => new Words('\u00a0'),
  })
  const look = EditorView.theme({
    '.cm-blame': { width: '15ch', overflow: 'hidden', borderRight: '1px solid var(--border)' },
    '.cm-blame .cm-gutterElement': {
      padding: '0 6px',
      overflow: 'hidden',
      whiteSpace: 'nowrap',
      textOverflow: 'ellipsis',
      fontFamily: 'var(--font-ui)',
      fontSize: 'var(--fs-12)',
    },
    // On a phone the line above the text tells it.
    '@media (max-width: 640px)': { '.cm-blame': { display: 'none !important' } },
  })
  const watch = EditorView.updateListener.of((update) => {
    // Before it is there, and after it is gone, there is no field.
    const changed = update.startState.field(field, false) !== update.state.field(field, false)
    if (update.selectionSet || update.docChanged || changed) moved()
  })
  return {
    extension: [field, marks, look, watch],
    tell: (view, lines) => view.dispatch({ effects: told.of(lines) }),
    of: (view, line) => view.state.field(field, false)?.[line - 1],
  }
}

/** Lines that a change touched and that read otherwise now are nobody's yet; the others keep what they have. */
export function movedLines(lines: BlamedLines, changes: ChangeSet, before: Text, after: Text): BlamedLines {
  const now: (string | undefined)[] = []
  let next = 1
  changes.iterChangedRanges((fromA, toA, fromB, toB) => {
    const [firstA, lastA] = [before.lineAt(fromA).number, before.lineAt(toA).number]
    const [firstB, lastB] = [after.lineAt(fromB).number, after.lineAt(toB).number]
    for (; next < firstA; next += 1) now.push(lines[next - 1])
    for (let line = Math.max(firstB, now.length + 1); line <= lastB; line += 1) {
      const { text } = after.line(line)
      const same =
        text === before.line(firstA).text && line === firstB
          ? firstA
          : text === before.line(lastA).text && line === lastB
            ? lastA
            : undefined
      now.push(same === undefined ? undefined : lines[same - 1])
    }
    next = Math.max(next, lastA + 1)
  })
  for (; next <= before.lines; next += 1) now.push(lines[next - 1])
  return now
}
