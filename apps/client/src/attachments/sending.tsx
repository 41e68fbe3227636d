import type { Attachment } from '@coppice/events'
import { createSignal, onCleanup, Show, type JSX } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'

/** How much of a message's files has gone to the server, while they go. */
export function Sending(props: { files: readonly Attachment[] }): JSX.Element {
  const { replica } = useReplica()
  const [told, tell] = createSignal(undefined, { equals: false })
  onCleanup(replica.onSent(() => tell(undefined)))
  const percent = (): number | undefined => {
    told()
    const going = props.files.flatMap(({ sha256, size }) => {
      const sent = replica.sent(sha256)
      return sent === undefined ? [] : [{ size, gone: size * sent }]
    })
    const size = going.reduce((sum, one) => sum + one.size, 0)
    return size === 0 ? undefined : Math.floor((100 * going.reduce((sum, one) => sum + one.gone, 0)) / size)
  }
  return (
    <Show when={percent() !== undefined}>
      <span>sending {percent()} %</span>
    </Show>
  )
}
