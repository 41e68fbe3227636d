import { createSignal, type JSX } from 'solid-js'
import { carriesFiles } from './attach-button.tsx'
import type { ChosenFiles } from './chosen-files.ts'

/** A place on which files can be dropped. */
export function DropFiles(props: { files: ChosenFiles; class: string; children: JSX.Element }): JSX.Element {
  const [dropping, setDropping] = createSignal(false)
  return (
    <div
      class={props.class}
      classList={{ 'drop-here': dropping() }}
      onDragOver={(event) => {
        if (!carriesFiles(event)) return
        event.preventDefault()
        setDropping(true)
      }}
      onDragLeave={() => setDropping(false)}
      onDrop={(event) => {
        setDropping(false)
        if (!carriesFiles(event)) return
        event.preventDefault()
        props.files.add(event.dataTransfer?.files ?? [])
      }}
    >
      {props.children}
    </div>
  )
}
