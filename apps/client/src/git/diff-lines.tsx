import { For, Show, type JSX } from 'solid-js'
import type { DiffLine } from './hunks.ts'

const signs = { context: ' ', add: '+', del: '−', hunk: ' ' } as const

/** Lines of a diff, words marked. `both` shows the numbers of both sides. */
export function DiffLines(props: { lines: readonly DiffLine[]; both?: boolean }): JSX.Element {
  return (
    <For each={props.lines}>
      {(line) => (
        <div class={`diff-line ${line.kind === 'context' ? '' : line.kind}`}>
          <Show when={props.both}>
            <span class="number">{line.before ?? ''}</span>
          </Show>
          <span class="number">{props.both ? (line.after ?? '') : (line.after ?? line.before ?? '')}</span>
          <span class="sign">{signs[line.kind]}</span>
          <span class="text">
            <Words line={line} />
          </span>
        </div>
      )}
    </For>
  )
}

function Words(props: { line: DiffLine }): JSX.Element {
  const [from, to] = props.line.words[0] ?? [0, 0]
  if (to <= from) return props.line.text === '' ? ' ' : props.line.text
  return (
    <>
      {props.line.text.slice(0, from)}
      <mark>{props.line.text.slice(from, to)}</mark>
      {props.line.text.slice(to)}
    </>
  )
}
