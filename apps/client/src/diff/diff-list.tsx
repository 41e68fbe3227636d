import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, untrack, type JSX } from 'solid-js'
import { FileSection, type FileActs } from './file-section.tsx'
import type { FileModel } from './file-model.ts'
import { FILE_GAP, HEAD_HEIGHT, rowAt } from './row-layout.ts'

/** What stands beside the text of a line, px: numbers, sign, room at the right. */
const BESIDE_UNIFIED = 44 + 44 + 16 + 12
const BESIDE_SPLIT = 44 + 16 + 12
const BLAME_WIDTH = 112
/** Room at the sides of the list, and its own top, px. */
const SIDES = 34
export const LIST_TOP = 12

/** What others can make the list do. */
export interface ListControl {
  /** Brings a file to the top, or one of its rows to where it is read. */
  show(file: FileModel, row?: number): void
  /** The file at the top. */
  current(): FileModel | undefined
}

/**
 * The files of a diff below each other. Only files and rows near the window are in the page; everything's place is known from
 * heights, which are exact for plain lines and measured for the rest. What is read stays where it is when heights above it change.
 */
export function DiffList(props: {
  files: readonly FileModel[]
  split: boolean
  /** Each line has who wrote it beside it. */
  blaming: boolean
  acts: FileActs
  near: (files: readonly FileModel[]) => void
  columns: (columns: number) => void
  control: (control: ListControl) => void
}): JSX.Element {
  let scroller: HTMLDivElement | undefined
  let probe: HTMLSpanElement | undefined
  const [top, setTop] = createSignal(0)
  const [height, setHeight] = createSignal(800)
  const places = createMemo(() => {
    const tops = new Float64Array(props.files.length + 1)
    let at = LIST_TOP
    for (const [index, file] of props.files.entries()) {
      tops[index] = at
      at += HEAD_HEIGHT + (file.open() ? file.layout().height + 1 : 0) + FILE_GAP
    }
    tops[props.files.length] = at
    return tops
  })
  const indexes = createMemo(() => new Map(props.files.map((file, index) => [file, index])))
  const topOf = (file: FileModel) => places()[indexes().get(file) ?? 0] ?? 0
  const between = (from: number, to: number) => {
    const tops = places()
    const first = rowAt(tops, from)
    const last = rowAt(tops, to)
    return props.files.slice(first, last + 1)
  }
  const same = (a: readonly FileModel[], b: readonly FileModel[]) =>
    a.length === b.length && a.every((file, index) => file === b[index])
  const mounted = createMemo(() => between(top() - 200, top() + height() + 200), [], { equals: same })
  const near = createMemo(() => [...new Set([...mounted(), ...between(top() - height(), top() + 3 * height())])], [], {
    equals: same,
  })
  createEffect(() => props.near(near()))

  // The file at the top, and how far in it: kept where it is while what is above grows or shrinks.
  let anchor: { file: FileModel | undefined; offset: number } = { file: undefined, offset: 0 }
  const note = () => {
    if (!scroller) return
    const at = scroller.scrollTop
    // A file that was brought to the top stands a little below it: what is above that one may grow, too.
    const index = rowAt(places(), at + LIST_TOP + 1)
    anchor = { file: props.files[index], offset: at - (places()[index] ?? 0) }
    setTop(at)
  }
  createEffect(
    on(places, (tops) => {
      const index = anchor.file && indexes().get(anchor.file)
      if (!scroller || index === undefined) return
      const end = (tops[index + 1] ?? 0) - (tops[index] ?? 0) - HEAD_HEIGHT - FILE_GAP
      const wanted = (tops[index] ?? 0) + Math.min(anchor.offset, Math.max(0, end))
      if (Math.abs(scroller.scrollTop - wanted) >= 1) scroller.scrollTop = wanted
    }),
  )

  const measure = () => {
    if (!scroller || !probe) return
    const letter = probe.getBoundingClientRect().width / 100
    const inside = scroller.clientWidth - SIDES
    const blame = props.blaming ? BLAME_WIDTH : 0
    const text = (props.split ? inside / 2 - BESIDE_SPLIT : inside - BESIDE_UNIFIED) - blame
    setHeight(scroller.clientHeight)
    props.columns(Math.max(10, Math.floor(text / Math.max(1, letter))))
  }
  onMount(() => {
    const watch = new ResizeObserver(measure)
    if (scroller) watch.observe(scroller)
    void document.fonts.ready.then(measure)
    onCleanup(() => watch.disconnect())
  })
  createEffect(on([() => props.split, () => props.blaming], measure, { defer: true }))
  untrack(() =>
    props.control({
      show(file, row) {
        const tops = file.layout().tops
        const inside = row === undefined ? 0 : HEAD_HEIGHT + (tops[row] ?? 0) - height() / 3
        scroller?.scrollTo({ top: Math.max(0, topOf(file) - LIST_TOP + Math.max(0, inside)) })
        note()
      },
      current: () => props.files[rowAt(places(), top() + LIST_TOP + 1)],
    }),
  )
  return (
    <div class="diff-files" ref={scroller} onScroll={note} tabIndex={0} role="group" aria-label="Changes">
      <span class="diff-probe" aria-hidden="true" ref={probe}>
        {'0'.repeat(100)}
      </span>
      <div class="diff-space" style={{ height: `${places()[props.files.length] ?? 0}px` }}>
        <For each={mounted()}>
          {(file) => (
            <FileSection
              file={file}
              top={topOf(file)}
              from={top() - topOf(file) - HEAD_HEIGHT}
              height={height()}
              split={props.split}
              acts={props.acts}
            />
          )}
        </For>
      </div>
    </div>
  )
}
