import type { JSX } from 'solid-js'
import { count } from '../format/numbers.ts'

/** +184 −37, with a real minus. */
export function LinesChanged(props: { additions: number; deletions: number }): JSX.Element {
  return (
    <span
      class="lines-changed"
      role="img"
      aria-label={`${count(props.additions)} lines added, ${count(props.deletions)} removed`}
    >
      <span class="plus">+{count(props.additions)}</span>
      <span class="minus">−{count(props.deletions)}</span>
    </span>
  )
}
