import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import {
  bracketMatching,
  codeFolding,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  LanguageDescription,
  syntaxHighlighting,
} from '@codemirror/language'
import { languages } from '@codemirror/language-data'
import { gotoLine, highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState, Text, type Extension } from '@codemirror/state'
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'

/** An editor on a page. */
export interface CodeEditor {
  /** The whole text, with the file's own line ends. */
  text(): string
  /** A text of the file as the editor holds it: lines end with a line feed. */
  plain(text: string): string
  /** From now on its text is one with others: what it is now must be the same as theirs. */
  share(editing: Extension): void
  /** Replaces the text; the cursor stays where it was as far as the text is the same. Can be undone. */
  replace(text: string): void
  /** What stands beside the text, in the place of what stood there before. */
  beside(extension: Extension): void
  readonly view: EditorView
  goTo(line: number): void
  focus(): void
  close(): void
}

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--syn-key)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--syn-str)' },
  { tag: [tags.comment, tags.meta], color: 'var(--syn-com)', fontStyle: 'italic' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--syn-num)' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'var(--syn-fn)' },
  { tag: [tags.typeName, tags.className, tags.tagName, tags.namespace], color: 'var(--syn-fn)' },
  { tag: [tags.heading, tags.strong], fontWeight: '600' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.link, textDecoration: 'underline' },
  { tag: tags.invalid, color: 'var(--st-failed)' },
])

const look = EditorView.theme({
  '&': { height: '100%', color: 'var(--text-1)', backgroundColor: 'transparent', fontSize: 'var(--fs-13)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--accent)' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)' },
  '.cm-gutters': { border: '0', backgroundColor: 'var(--surface-sunken)', color: 'var(--text-3)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--accent-line)',
  },
  '.cm-selectionMatch, .cm-searchMatch': { backgroundColor: 'var(--st-needs-soft)' },
  '.cm-searchMatch-selected': { outline: '1px solid var(--st-needs-line)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selected)', outline: '1px solid var(--border-strong)' },
  '.cm-panels': { border: '0', backgroundColor: 'var(--surface-raised)', color: 'var(--text-1)' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--border)' },
  '.cm-textfield': {
    border: '1px solid var(--border-control)',
    backgroundColor: 'var(--field)',
    color: 'var(--text-1)',
  },
  '.cm-button': {
    border: '1px solid var(--border)',
    backgroundImage: 'none',
    backgroundColor: 'var(--control)',
    color: 'var(--text-1)',
  },
  '.cm-foldPlaceholder': { border: '0', backgroundColor: 'var(--selected)', color: 'var(--text-3)' },
})

/** CodeMirror with what people know from their editors: several cursors, find and replace, go to line, folding, brackets. */
export function openEditor(
  parent: HTMLElement,
  options: {
    readonly path: string
    readonly text: string
    /** The file as it is in the worktree: its line ends count, whatever a merge made of them. */
    readonly file: string
    readonly readOnly: boolean
    readonly changed: () => void
    readonly save: () => void
  },
): CodeEditor {
  const language = new Compartment()
  const editing = new Compartment()
  const separator = lineEndOf(options.file)
  const beside = new Compartment()
  const extensions: Extension[] = [
    beside.of([]),
    lineNumbers(),
    foldGutter(),
    codeFolding(),
    highlightActiveLineGutter(),
    highlightSpecialChars(),
    editing.of([history(), keymap.of(historyKeymap)]),
    drawSelection(),
    dropCursor(),
    EditorState.allowMultipleSelections.of(true),
    // Windows' line ends come back when the text is asked for: what others type has line feeds.
    EditorState.lineSeparator.of('\n'),
    EditorView.clipboardInputFilter.of((pasted) => pasted.replaceAll(/\r\n?/g, '\n')),
    EditorState.readOnly.of(options.readOnly),
    EditorView.contentAttributes.of({ 'aria-label': `Text of ${options.path}`, tabindex: '0' }),
    indentOnInput(),
    bracketMatching(),
    rectangularSelection(),
    crosshairCursor(),
    highlightActiveLine(),
    highlightSelectionMatches(),
    search({ top: true }),
    syntaxHighlighting(colours),
    look,
    language.of([]),
    keymap.of([
      { key: 'Mod-s', preventDefault: true, run: () => (options.save(), true) },
      { key: 'Ctrl-g', run: gotoLine },
      ...defaultKeymap,
      ...searchKeymap,
      ...foldKeymap,
      indentWithTab,
    ]),
    EditorView.updateListener.of((update) => update.docChanged && options.changed()),
  ]
  // In a shadow root its styles need no style element, which this page's policy forbids.
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: 'open' })
  const plain = (text: string): string => (separator === '\n' ? text : text.replaceAll(separator, '\n'))
  const state = EditorState.create({ doc: plain(options.text), extensions })
  const view = new EditorView({ parent: root, root, state })
  let closed = false
  const found = LanguageDescription.matchFilename(languages, options.path.slice(options.path.lastIndexOf('/') + 1))
  found?.load().then(
    (support) => !closed && view.dispatch({ effects: language.reconfigure(support) }),
    (error: unknown) => console.warn(`No colours for ${options.path}.`, error),
  )
  return {
    text: () => (separator === '\n' ? view.state.sliceDoc() : view.state.sliceDoc().replaceAll('\n', separator)),
    plain,
    share: (shared) => view.dispatch({ effects: editing.reconfigure(shared) }),
    replace: (text) => view.dispatch({ changes: difference(view.state, plain(text)) }),
    beside: (extension) => view.dispatch({ effects: beside.reconfigure(extension) }),
    view,
    goTo(line) {
      const { from } = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines))
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) })
    },
    focus: () => view.focus(),
    close() {
      closed = true
      view.destroy()
    },
  }
}

/** Windows' line end where the file has no other; what is mixed stays as it is. */
const lineEndOf = (text: string): string => {
  const windows = text.split('\r\n').length - 1
  return windows > 0 && windows === text.split('\n').length - 1 ? '\r\n' : '\n'
}

/** One change from what is common at the begin to what is common at the end. */
function difference(state: EditorState, text: string): { from: number; to: number; insert: Text } {
  const before = state.doc.toString()
  const after = state.toText(text).toString()
  let from = 0
  while (from < before.length && from < after.length && before[from] === after[from]) from += 1
  let end = 0
  while (
    end < before.length - from &&
    end < after.length - from &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1
  return { from, to: before.length - end, insert: Text.of(after.slice(from, after.length - end).split('\n')) }
}
