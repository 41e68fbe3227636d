import { A } from '@solidjs/router'
import { Show, type JSX } from 'solid-js'
import { blameTarget } from '../diff/blame-words.ts'
import { longWords } from './blame-words.ts'
import type { EditorBlame } from './editor-blame.ts'

/** Who wrote the line that the cursor is in, in words: read aloud as the cursor moves, with the way to the step. */
export function BlameBar(props: {
  blame: EditorBlame
  sessionId: string
  nameOf: (userId: string) => string
}): JSX.Element {
  const here = props.blame.here
  const target = () => {
    const writer = here()?.writer
    return writer?.kind === 'turn' ? blameTarget(writer.line) : undefined
  }
  const words = () => {
    const known = here()
    if (known) return `Line ${known.line}: ${longWords(known.writer, props.nameOf)}`
    return props.blame.problem() ?? 'Who wrote a line is said here when the cursor is in it'
  }
  return (
    <div class="blame-bar text-12">
      <span class="cut grow" role="status" aria-label="Who wrote this line" title={words()}>
        {words()}
      </span>
      <Show when={target()}>
        {(itemId) => (
          <A class="link" href={`/session/${props.sessionId}?item=${encodeURIComponent(itemId())}`}>
            Go to the step
          </A>
        )}
      </Show>
    </div>
  )
}
