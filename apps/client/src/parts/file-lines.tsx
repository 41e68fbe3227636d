import { Show, type JSX } from 'solid-js'
import { LinesChanged } from './lines-changed.tsx'

/** How many lines of a file changed; of a binary one that it is one. */
export function FileLines(props: {
  file: { readonly binary?: boolean | undefined; readonly additions: number; readonly deletions: number }
}): JSX.Element {
  return (
    <Show when={props.file.binary !== true} fallback={<span class="text-12 text-meta">binary</span>}>
      <LinesChanged additions={props.file.additions} deletions={props.file.deletions} />
    </Show>
  )
}
