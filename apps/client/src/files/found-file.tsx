import type { QueryAnswer } from '@coppice/protocol'
import { A } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { setPhonePanel } from '../frame/frame-state.ts'
import { plural } from '../format/numbers.ts'
import { Icon } from '../parts/icon.tsx'
import { fileUrl } from './open-files.ts'
import { piecesOf, type Replacing } from './replace-lines.ts'

export type FoundFiles = Extract<QueryAnswer<'search'>, { ok: true }>['files']
type Line = FoundFiles[number]['lines'][number]

/** What is to be replaced where: a line can be left out, or a file. */
export interface ReplaceChoice {
  readonly replacing: Replacing
  takes(path: string, line?: number): boolean
  take(on: boolean, path: string, line?: number): void
}

/** So many lines of a file are drawn at first. */
const LINES_AT_FIRST = 20

/** A file in which something was found, with its lines; where it is to be replaced, with how they would read. */
export function FoundFile(props: {
  sessionId: string
  path: string
  lines: readonly Line[]
  choice: ReplaceChoice | undefined
}): JSX.Element {
  const [shown, setShown] = createSignal(LINES_AT_FIRST)
  const name = () => props.path.slice(props.path.lastIndexOf('/') + 1)
  return (
    <div class="found-file">
      <Show when={props.choice}>
        {(choice) => (
          <input
            type="checkbox"
            aria-label={`Replace in ${props.path}`}
            checked={choice().takes(props.path)}
            onChange={(event) => choice().take(event.currentTarget.checked, props.path)}
          />
        )}
      </Show>
      <details open>
        <summary title={props.path}>
          <Show when={!props.choice}>
            <Icon name="file" size="small" />
          </Show>
          <span class="cut">
            {name()} <span class="text-meta">{props.path.slice(0, -name().length - 1)}</span>
          </span>
          <span class="text-12 text-meta">{props.lines.length}</span>
        </summary>
        <For each={props.lines.slice(0, shown())}>
          {(line) => (
            <div class="found-row">
              <Show when={props.choice}>
                {(choice) => (
                  <input
                    type="checkbox"
                    aria-label={`Replace in line ${line.line} of ${props.path}`}
                    disabled={line.ranges.length === 0}
                    title={
                      line.ranges.length === 0
                        ? 'Its hits cannot be told apart here: change it in the editor'
                        : undefined
                    }
                    checked={line.ranges.length > 0 && choice().takes(props.path, line.line)}
                    onChange={(event) => choice().take(event.currentTarget.checked, props.path, line.line)}
                  />
                )}
              </Show>
              <A
                class="found-line mono"
                href={fileUrl(props.sessionId, props.path, line.line)}
                onClick={() => setPhonePanel(false)}
              >
                <span class="text-meta">{line.line}</span>
                <span class={props.choice ? 'found-whole' : 'cut'}>
                  <Show
                    when={props.choice?.takes(props.path, line.line) === true && props.choice}
                    fallback={<Marked line={line} />}
                  >
                    {(choice) => <Changed line={line} replacing={choice().replacing} />}
                  </Show>
                </span>
              </A>
            </div>
          )}
        </For>
        <Show when={props.lines.length > shown()}>
          <button type="button" class="link text-12" onClick={() => setShown((n) => n + 10 * LINES_AT_FIRST)}>
            {plural(props.lines.length - shown(), 'more line')}
          </button>
        </Show>
      </details>
    </div>
  )
}

/** The line as it would read: what goes, and what comes in its place. */
function Changed(props: { line: Line; replacing: Replacing }): JSX.Element {
  const pieces = () => piecesOf(props.line.text.trimStart(), props.replacing)
  return (
    <For each={pieces()}>
      {(piece) => (
        <Show when={piece.put !== undefined} fallback={piece.text}>
          <del>{piece.text}</del>
          <ins>{piece.put}</ins>
        </Show>
      )}
    </For>
  )
}

function Marked(props: { line: Line }): JSX.Element {
  const parts = () => {
    const { text, ranges } = props.line
    const out: { text: string; hit: boolean }[] = []
    let from = text.length - text.trimStart().length
    for (const [start, end] of ranges) {
      if (start < from) continue
      out.push({ text: text.slice(from, start), hit: false }, { text: text.slice(start, end), hit: true })
      from = end
    }
    return [...out, { text: text.slice(from), hit: false }]
  }
  return <For each={parts()}>{(part) => (part.hit ? <mark>{part.text}</mark> : part.text)}</For>
}
