import type { Attachment } from '@coppice/events'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { fileSize } from '../format/numbers.ts'
import { Icon } from '../parts/icon.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { isPicture, useFileUrl } from './file-url.ts'

/** The files of a message: pictures to open large, everything else to download. */
export function MessageFiles(props: { files: readonly Attachment[]; workspaceId: string }): JSX.Element {
  return (
    <ul class="message-files" aria-label="Attached files">
      <For each={props.files}>
        {(file) => (
          <li>
            <Show
              when={isPicture(file)}
              fallback={<Download file={file} workspaceId={props.workspaceId} class="file-chip" />}
            >
              <Picture file={file} workspaceId={props.workspaceId} />
            </Show>
          </li>
        )}
      </For>
    </ul>
  )
}

function Download(props: { file: Attachment; workspaceId: string; class: string }): JSX.Element {
  const url = useFileUrl(
    () => props.workspaceId,
    () => props.file,
  )
  return (
    <a class={props.class} href={url() || undefined} download={props.file.name} title={`Download ${props.file.name}`}>
      <Icon name="download" size="small" />
      <span class="cut">{props.file.name}</span>
      <span class="size">{fileSize(props.file.size)}</span>
    </a>
  )
}

function Picture(props: { file: Attachment; workspaceId: string }): JSX.Element {
  const [large, setLarge] = createSignal(false)
  const [broken, setBroken] = createSignal(false)
  const url = useFileUrl(
    () => props.workspaceId,
    () => props.file,
  )
  return (
    <Show when={!broken()} fallback={<Download file={props.file} workspaceId={props.workspaceId} class="file-chip" />}>
      <button
        type="button"
        class="picture"
        title={`${props.file.name}, ${fileSize(props.file.size)}`}
        aria-label={`Open ${props.file.name}`}
        onClick={() => setLarge(true)}
      >
        <Show when={url() !== ''}>
          <img src={url()} alt="" onError={() => setBroken(true)} />
        </Show>
      </button>
      <Dialog
        wide
        open={large()}
        onClose={() => setLarge(false)}
        title={props.file.name}
        footer={<Download file={props.file} workspaceId={props.workspaceId} class="button" />}
      >
        <img class="picture-large" src={url()} alt={props.file.name} />
      </Dialog>
    </Show>
  )
}
