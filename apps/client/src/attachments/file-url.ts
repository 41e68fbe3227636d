import { shownImageTypes, type Attachment } from '@coppice/events'
import { createEffect, createMemo, createSignal, on, onCleanup, type Accessor } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'

/** Whether a browser shows it as a picture. All else is for downloading only, and never runs here. */
export const isPicture = ({ type }: Pick<Attachment, 'type'>): boolean => shownImageTypes.includes(type)

/** Where a file's bytes are: on this device if it has them, off line too; else on the server. Empty until that is known. */
export function useFileUrl(workspaceId: Accessor<string>, attachment: Accessor<Attachment>): Accessor<string> {
  const { replica } = useReplica()
  const [url, setUrl] = createSignal('')
  // A message's row is another one each time something happens to it; its file is not.
  const path = createMemo(() => {
    const { sha256, name } = attachment()
    return `/blobs/${encodeURIComponent(workspaceId())}/${sha256}?name=${encodeURIComponent(name)}`
  })
  createEffect(
    on(path, (onServer) => {
      const file = attachment()
      let made: string | undefined
      let gone = false
      onCleanup(() => {
        gone = true
        if (made !== undefined) URL.revokeObjectURL(made)
      })
      const find = async (): Promise<void> => {
        const bytes = await replica.keptBlob(file.sha256)
        if (gone) return
        // A page of ours must not be made of what somebody attached: only pictures keep their type.
        const type = isPicture(file) ? file.type : 'application/octet-stream'
        made = bytes && URL.createObjectURL(new Blob([bytes], { type }))
        setUrl(made ?? onServer)
      }
      void find()
    }),
  )
  return url
}
