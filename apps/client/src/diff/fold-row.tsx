import { Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { IconButton } from '../parts/button.tsx'
import type { FileRow } from './file-rows.ts'

/** Folds of more lines than this are opened from their ends. */
export const EXPAND_LINES = 20

/** Hidden lines with what opens them, and the head of the hunk below. */
export function FoldRow(props: {
  row: Extract<FileRow, { kind: 'fold' }>
  expand: (which: 'up' | 'down' | 'all') => void
  more: JSX.Element
}): JSX.Element {
  const gap = () => props.row.gap
  const long = () => (gap()?.count ?? Infinity) > EXPAND_LINES
  return (
    <div class="diff-fold">
      <Show when={gap()} fallback={<span class="diff-fold-ends" />}>
        {(hidden) => (
          <>
            <span class="diff-fold-ends">
              <Show when={long() && hidden().after > 1}>
                <IconButton icon="chevron-down" label="Show lines below" onClick={() => props.expand('down')} />
              </Show>
              <Show when={long() && hidden().count !== undefined}>
                <IconButton icon="chevron-up" label="Show lines above" onClick={() => props.expand('up')} />
              </Show>
            </span>
            <button
              type="button"
              class="link"
              onClick={() => props.expand(hidden().count === undefined ? 'down' : 'all')}
            >
              {hidden().count === undefined ? 'More lines' : plural(hidden().count ?? 0, 'line')}
            </button>
          </>
        )}
      </Show>
      <span class="cut mono grow">{props.row.title}</span>
      {props.more}
    </div>
  )
}
