import { For, Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { Button } from '../parts/button.tsx'
import type { Replacement } from './replacement.ts'

/** What the hits are replaced with, the button that does it, and what became of it. */
export function ReplaceBar(props: {
  replacement: Replacement
  put: string
  onPut: (put: string) => void
  regex: boolean
  lines: number
  files: number
  /** The runner found more than it gave. */
  truncated: boolean
  waits: boolean
  onReplace: () => void
}): JSX.Element {
  const so = () => props.replacement.so()
  const busy = () => so()?.state === 'busy' || so()?.state === 'undoing'
  return (
    <div class="column mt-2 !gap-2">
      <input
        class="input"
        aria-label="Replace with"
        placeholder={props.regex ? 'Replace with; $1 is the first group' : 'Replace with'}
        autocomplete="off"
        spellcheck={false}
        value={props.put}
        onInput={(event) => props.onPut(event.currentTarget.value)}
      />
      <div class="row">
        <Button small look="primary" disabled={busy() || props.lines === 0} onClick={() => props.onReplace()}>
          {props.lines === 0
            ? 'Replace'
            : `Replace in ${plural(props.lines, 'line')} of ${plural(props.files, 'file')}`}
        </Button>
        <Show when={props.truncated && props.lines > 0}>
          <span class="text-12 text-meta">Only in what is listed; there is more.</span>
        </Show>
      </div>
      <Show when={so()}>
        {(all) => (
          <div class="column !gap-1 text-12">
            <div class="row" role="status" aria-label="Replaced">
              <span class="grow">
                {words[all().state](all())}
                {busy() && props.waits ? ' The agent works: files are written when its turn ends.' : ''}
              </span>
              <Show when={props.replacement.canUndo}>
                <Button small look="quiet" icon="back" onClick={() => void props.replacement.undo()}>
                  Undo the replacing
                </Button>
              </Show>
            </div>
            <Show when={all().left.length > 0}>
              <ul class="column !gap-1" aria-label="Left alone">
                <For each={all().left}>
                  {({ path, why }) => (
                    <li>
                      <code>{path}</code> was left alone. {why}
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          </div>
        )}
      </Show>
    </div>
  )
}

type So = NonNullable<ReturnType<Replacement['so']>>

const changed = ({ files, left }: So): number => files - new Set(left.map(({ path }) => path)).size

const words: Record<So['state'], (so: So) => string> = {
  busy: ({ settled, files }) => `Replacing: ${settled} of ${plural(files, 'file')}.`,
  undoing: ({ settled, files }) => `Taking it back: ${settled} of ${plural(files, 'file')}.`,
  done: (so) => (so.hits === 0 ? 'Nothing was replaced.' : `Replaced ${plural(so.hits, 'hit')}.`),
  undone: (so) => `Taken back in ${plural(changed(so), 'file')}.`,
}
