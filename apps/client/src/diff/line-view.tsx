import { For, onMount, Show, type JSX } from 'solid-js'
import type { CommentPlace } from '@coppice/events'
import type { DiffLine } from '../git/hunks.ts'
import type { FileModel } from './file-model.ts'
import type { LineRow } from './file-rows.ts'
import { columnsOf, SHOWN_CHARS } from './line-height.ts'

/** What can be done with a line. */
export interface LineActs {
  /** Columns that a text has. */
  columns(): number
  /** A line whose height could not be counted is so high, px. */
  measured(line: DiffLine, height: number): void
  /** Begins a comment on a line, or with Shift up to it. */
  comment(file: FileModel, row: LineRow, side: CommentPlace['side'], further: boolean): void
  /** The line that keys act on, and those chosen with it. */
  chosen(file: FileModel, row: LineRow): boolean
  /** Whether it is shown who wrote each line, */
  blaming(): boolean
  /** and that, for a line of the newer side. */
  blame(file: FileModel, line: DiffLine): JSX.Element
}

interface LineProps {
  file: FileModel
  row: LineRow
  split: boolean
  acts: LineActs
}

const signs = { context: ' ', add: '+', del: '−', hunk: ' ' } as const

/** A line of a diff: in one column with both numbers, or each side in a half of its own. */
export function LineView(props: LineProps): JSX.Element {
  const line = () => props.row.right ?? props.row.left
  return (
    <Show
      when={props.split}
      fallback={
        <div
          class={`diff-row ${line()?.kind ?? ''}`}
          classList={{ chosen: props.acts.chosen(props.file, props.row), blamed: props.acts.blaming() }}
        >
          <Blamed {...props} line={props.row.right} />
          <Number {...props} side="before" line={props.row.left} />
          <Number {...props} side="after" line={props.row.right} />
          <span class="sign">{signs[line()?.kind ?? 'context']}</span>
          <Text {...props} line={line()} />
        </div>
      }
    >
      <div
        class="diff-row two"
        classList={{ chosen: props.acts.chosen(props.file, props.row), blamed: props.acts.blaming() }}
      >
        <Half {...props} side="before" line={props.row.left} />
        <Half {...props} side="after" line={props.row.right} />
      </div>
    </Show>
  )
}

function Blamed(props: LineProps & { line: DiffLine | undefined }): JSX.Element {
  return (
    <Show when={props.acts.blaming()}>
      <Show when={props.line} fallback={<span class="blame" />}>
        {(line) => props.acts.blame(props.file, line())}
      </Show>
    </Show>
  )
}

function Half(props: LineProps & { side: CommentPlace['side']; line: DiffLine | undefined }): JSX.Element {
  return (
    <Show when={props.line} fallback={<div class="diff-half none" />}>
      {(line) => (
        <div class={`diff-half ${line().kind}`}>
          <Show when={props.side === 'after'}>
            <Blamed {...props} />
          </Show>
          <Number {...props} />
          <span class="sign">{signs[line().kind]}</span>
          <Text {...props} />
        </div>
      )}
    </Show>
  )
}

function Number(props: LineProps & { side: CommentPlace['side']; line: DiffLine | undefined }): JSX.Element {
  const number = () => (props.side === 'before' ? props.line?.before : props.line?.after)
  return (
    <Show when={number()} fallback={<span class="number" />}>
      {(shown) => (
        <button
          type="button"
          class="number"
          tabIndex={-1}
          aria-label={`Comment on line ${shown()}`}
          onClick={(event) => props.acts.comment(props.file, props.row, props.side, event.shiftKey)}
        >
          {shown()}
        </button>
      )}
    </Show>
  )
}

function Text(props: LineProps & { line: DiffLine | undefined }): JSX.Element {
  let element: HTMLSpanElement | undefined
  const text = () => (props.line?.text ?? '').replace(/\r$/, '').slice(0, SHOWN_CHARS)
  const pieces = () => (props.line ? props.file.paint.pieces(props.line, text()) : [])
  onMount(() => {
    const line = props.line
    if (!line || columnsOf(line.text, props.acts.columns()).sure) return
    requestAnimationFrame(() => element && props.acts.measured(line, element.offsetHeight))
  })
  return (
    <span class="text" ref={element}>
      <For each={pieces()}>
        {(piece) =>
          piece.marked ? (
            <mark class={piece.className}>{piece.text}</mark>
          ) : piece.className === '' ? (
            piece.text
          ) : (
            <span class={piece.className}>{piece.text}</span>
          )
        }
      </For>
      <Show when={(props.line?.text.length ?? 0) > SHOWN_CHARS}>
        <span class="text-meta"> … cut: {props.line?.text.length} characters</span>
      </Show>
      <Show when={props.line?.endless}>
        <span class="text-meta" title="No line end at the end of the file">
          {' '}
          ⏎̸
        </span>
      </Show>
    </span>
  )
}
