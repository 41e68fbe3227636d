import { Prec, type Extension } from '@codemirror/state'
import {
  Decoration,
  EditorView,
  keymap,
  ViewPlugin,
  WidgetType,
  type DecorationSet,
  type ViewUpdate,
} from '@codemirror/view'
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import * as Y from 'yjs'
import { personHue, type Person } from '../parts/people.tsx'
import type { SharedFile } from './shared-file.ts'

/** Makes an editor one of several on a text: what each types, where their cursors are; undo takes back one's own only. */
export function sharedEditing(file: SharedFile): Extension {
  const text = file.document.take()
  // The package's own cursors set style attributes, which this page's policy forbids.
  return [
    yCollab(text, null, { undoManager: new Y.UndoManager(text) }),
    Prec.high(keymap.of(yUndoManagerKeymap)),
    cursors(file, text),
    look,
  ]
}

type Cursor = { readonly anchor: unknown; readonly head: unknown }

class Caret extends WidgetType {
  readonly #person: Person

  constructor(person: Person) {
    super()
    this.#person = person
  }

  override eq(other: Caret): boolean {
    return other.#person.id === this.#person.id && other.#person.name === this.#person.name
  }

  toDOM(): HTMLElement {
    const caret = document.createElement('span')
    caret.className = `cm-their-caret ${personHue(this.#person.id)}`
    const name = document.createElement('span')
    name.className = 'cm-their-name'
    name.textContent = this.#person.name
    caret.append('\u2060', name, '\u2060')
    return caret
  }

  override ignoreEvent(): boolean {
    return true
  }
}

/** Tells where one's own cursor is, and shows the others'. */
function cursors({ awareness }: SharedFile, text: Y.Text): Extension {
  const mine = awareness.clientID
  const at = (position: unknown): number | undefined => {
    const found = Y.createAbsolutePositionFromRelativePosition(
      Y.createRelativePositionFromJSON(position),
      text.doc ?? new Y.Doc(),
    )
    return found?.type === text ? found.index : undefined
  }
  const drawn = (view: EditorView): DecorationSet => {
    const ranges = [...awareness.getStates()].flatMap(([client, state]) => {
      const { user, cursor } = state as { user?: Person; cursor?: Cursor | null }
      if (client === mine || !user || !cursor) return []
      const [anchor, head] = [at(cursor.anchor), at(cursor.head)]
      if (anchor === undefined || head === undefined) return []
      const end = view.state.doc.length
      const [from, to] = [Math.min(anchor, head, end), Math.min(Math.max(anchor, head), end)]
      const caret = Decoration.widget({ widget: new Caret(user), side: head > anchor ? -1 : 1 })
      const marked = Decoration.mark({ class: `cm-theirs ${personHue(user.id)}` })
      return [...(from < to ? [marked.range(from, to)] : []), caret.range(Math.min(head, end))]
    })
    return Decoration.set(ranges, true)
  }
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet
      readonly #stop: () => void
      #told = ''

      constructor(view: EditorView) {
        this.decorations = drawn(view)
        const changed = ({ added, updated, removed }: Record<'added' | 'updated' | 'removed', number[]>): void => {
          if ([...added, ...updated, ...removed].some((client) => client !== mine)) view.dispatch({})
        }
        awareness.on('change', changed)
        this.#stop = () => awareness.off('change', changed)
      }

      update({ view }: ViewUpdate): void {
        this.decorations = drawn(view)
        const { anchor, head } = view.state.selection.main
        const place = (index: number): unknown =>
          Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index))
        const cursor = view.hasFocus ? { anchor: place(anchor), head: place(head) } : null
        const told = JSON.stringify(cursor)
        if (told === this.#told) return
        this.#told = told
        awareness.setLocalStateField('cursor', cursor)
      }

      destroy(): void {
        this.#stop()
      }
    },
    { decorations: (plugin) => plugin.decorations },
  )
}

const hues = [1, 2, 3, 4].map((n) => [`.person-${n}`, { '--p': `var(--p-${n})` }] as const)

const look = EditorView.baseTheme({
  ...Object.fromEntries(hues),
  '.cm-theirs': { backgroundColor: 'color-mix(in srgb, var(--p) 25%, transparent)' },
  '.cm-their-caret': {
    position: 'relative',
    borderLeft: '2px solid var(--p)',
    marginLeft: '-1px',
    marginRight: '-1px',
  },
  '.cm-their-name': {
    position: 'absolute',
    left: '-2px',
    bottom: '100%',
    padding: '0 4px',
    borderRadius: '3px 3px 3px 0',
    backgroundColor: 'var(--p)',
    color: 'var(--on-person)',
    fontFamily: 'var(--font-ui)',
    fontSize: 'var(--fs-11)',
    lineHeight: '1.4',
    whiteSpace: 'nowrap',
    pointerEvents: 'none',
    zIndex: '2',
  },
  '.cm-line:first-child .cm-their-name': { bottom: 'auto', top: '100%', borderRadius: '0 3px 3px 3px' },
})
