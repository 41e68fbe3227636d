import type { Attachment } from '@coppice/events'
import { For, Show, type JSX } from 'solid-js'
import { fileSize } from '../format/numbers.ts'
import { IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import type { ChosenFile, ChosenFiles } from './chosen-files.ts'
import { isPicture, useFileUrl } from './file-url.ts'

/** The files that will go with the message, each with its picture or sign, its size, and a way to take it off again. */
export function ChosenList(props: { files: ChosenFiles; workspaceId: string }): JSX.Element {
  return (
    <>
      <Show when={props.files.list().length > 0}>
        <ul class="chosen-files" aria-label="Attached files">
          <For each={props.files.list()}>
            {(file) => (
              <li class="file-chip">
                <Show when={file.attachment} fallback={<Icon name="hourglass" size="small" />}>
                  {(attachment) => <Sign attachment={attachment()} workspaceId={props.workspaceId} />}
                </Show>
                <span class="cut" title={file.name}>
                  {file.name}
                </span>
                <span class="size">{sizeOf(file)}</span>
                <IconButton icon="close" label={`Remove ${file.name}`} onClick={() => props.files.remove(file.key)} />
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={props.files.problem() !== ''}>
        <p class="hint bad px-3" role="alert">
          {props.files.problem()}
        </p>
      </Show>
    </>
  )
}

const sizeOf = ({ attachment, size }: ChosenFile): string => (attachment === undefined ? 'being kept' : fileSize(size))

function Sign(props: { attachment: Attachment; workspaceId: string }): JSX.Element {
  const url = useFileUrl(
    () => props.workspaceId,
    () => props.attachment,
  )
  return (
    <Show when={isPicture(props.attachment) && url() !== ''} fallback={<Icon name="file" size="small" />}>
      <img src={url()} alt="" />
    </Show>
  )
}
