import type { JSX } from 'solid-js'
import { IconButton } from '../parts/button.tsx'
import type { ChosenFiles } from './chosen-files.ts'

/** Opens the system's choice of files. */
export function AttachButton(props: { files: ChosenFiles }): JSX.Element {
  let input: HTMLInputElement | undefined
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to attach"
        onChange={(event) => {
          props.files.add(event.currentTarget.files ?? [])
          // The same file can be chosen again.
          event.currentTarget.value = ''
        }}
      />
      <IconButton icon="paperclip" label="Attach files" onClick={() => input?.click()} />
    </>
  )
}

/** Files pasted where text is written. Text that is pasted along with a picture of it stays text. */
export function pasteFiles(event: ClipboardEvent, files: ChosenFiles): void {
  const data = event.clipboardData
  if (data === null || data.files.length === 0 || data.types.includes('text/plain')) return
  event.preventDefault()
  files.add(data.files)
}

export const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true
