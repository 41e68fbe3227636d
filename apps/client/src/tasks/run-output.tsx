import { createEffect, createMemo, createSignal, For, on, onCleanup, Show, type JSX } from 'solid-js'
import { count } from '../format/numbers.ts'
import { AnsiLines, textOf, type Piece } from './ansi.ts'
import { followOutput, type OutputState } from './follow-output.ts'

/** Lines that are shown: the newest. All are in the stream. */
const MOST_LINES = 5_000
const FRAME_MS = 60

const stateWords: Record<OutputState, string> = {
  reading: 'Reading',
  live: 'Live',
  ended: 'Complete',
  away: 'The server does not answer; it goes on by itself',
}

/** What a run of a task or hook has printed, live and with colour, and a search in it. */
export function RunOutput(props: {
  run: { readonly name: string; readonly stream?: string }
  workspaceId: string
}): JSX.Element {
  const url = () => (props.run.stream ? `/streams/${props.workspaceId}/${props.run.stream}` : undefined)
  const [lines, setLines] = createSignal<readonly (readonly Piece[])[]>([])
  const [state, setState] = createSignal<OutputState>('reading')
  const [wanted, setWanted] = createSignal('')
  let place: HTMLPreElement | undefined
  let atEnd = true

  createEffect(
    on(url, (address) => {
      if (address === undefined) return
      const stop = new AbortController()
      const parsed = new AnsiLines()
      let timer: ReturnType<typeof setTimeout> | undefined
      const show = () => {
        timer = undefined
        const { length } = parsed.lines
        if (length > 2 * MOST_LINES) parsed.lines.splice(0, length - MOST_LINES)
        setLines(parsed.lines.slice(-MOST_LINES))
      }
      void followOutput(address, stop.signal, {
        text: (text) => {
          parsed.push(text)
          timer ??= setTimeout(show, FRAME_MS)
        },
        state: setState,
      })
      onCleanup(() => {
        stop.abort()
        clearTimeout(timer)
      })
    }),
  )
  const shown = createMemo(() => {
    const text = wanted().trim().toLowerCase()
    return text === '' ? lines() : lines().filter((line) => textOf(line).toLowerCase().includes(text))
  })
  // Stuck to the end only if the reader was there.
  createEffect(on(shown, () => atEnd && place?.scrollTo(0, place.scrollHeight)))
  return (
    <div class="run-output">
      <div class="row">
        <input
          class="input small grow"
          type="search"
          aria-label={`Search the output of ${props.run.name}`}
          placeholder="Search the output"
          value={wanted()}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
        <span class="text-12 text-meta flex-none" role="status">
          {wanted().trim() === '' ? stateWords[state()] : `${count(shown().length)} of ${count(lines().length)} lines`}
        </span>
      </div>
      <pre
        class="output"
        tabIndex={0}
        aria-label={`Output of ${props.run.name}`}
        ref={(element) => (place = element)}
        onScroll={(event) => {
          const { scrollTop, clientHeight, scrollHeight } = event.currentTarget
          atEnd = scrollTop + clientHeight >= scrollHeight - 24
        }}
      >
        <For each={shown()}>
          {(line) => (
            <div class="line">
              <For each={line}>{(piece) => <span class={piece.look}>{piece.text}</span>}</For>
            </div>
          )}
        </For>
      </pre>
      <Show when={lines().length >= MOST_LINES}>
        <p class="hint">The newest {count(MOST_LINES)} lines.</p>
      </Show>
    </div>
  )
}
