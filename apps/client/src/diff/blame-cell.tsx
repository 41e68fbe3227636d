import { A } from '@solidjs/router'
import { Show, type JSX } from 'solid-js'
import type { LineOrigin } from './blame.ts'
import { blameShort, blameTarget, blameWords } from './blame-words.ts'

/** Who wrote a line, in a few letters, with all of it on hover; it leads to the place in the conversation. */
export function BlameCell(props: {
  known: LineOrigin | undefined
  /** The first of a run of lines that came together. */
  begins: boolean
  sessionId: string
  nameOf: (userId: string) => string
}): JSX.Element {
  return (
    <span class="blame" classList={{ begins: props.begins }}>
      <Show when={props.begins && props.known}>
        {(known) => (
          <Show
            when={blameTarget(known())}
            fallback={<span title={blameWords(known(), props.nameOf)}>{blameShort(known())}</span>}
          >
            {(itemId) => (
              <A
                href={`/session/${props.sessionId}?item=${encodeURIComponent(itemId())}`}
                title={blameWords(known(), props.nameOf)}
              >
                {blameShort(known())}
              </A>
            )}
          </Show>
        )}
      </Show>
    </span>
  )
}
