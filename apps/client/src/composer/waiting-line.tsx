import type { SessionRow } from '@coppice/events'
import { createSignal, onCleanup, Show, type JSX } from 'solid-js'
import { Icon } from '../parts/icon.tsx'
import { useReplica } from '../sync/replica-context.tsx'

/** Why what is queued has not begun: the session's place in its runner's line, or what the runner is short of. */
export function WaitingLine(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const [words, setWords] = createSignal('')
  const stop = replica.onLive((live) => {
    if (live.session !== props.session.sessionId) return
    for (const item of live.items) if (item.kind === 'progress') setWords(item.step === 'Waiting' ? item.detail : '')
  })
  onCleanup(stop)
  return (
    <Show when={words() !== '' && props.session.status === 'waiting'}>
      <p class="system-row" role="status">
        <Icon name="hourglass" size="small" />
        <span>{words()}</span>
      </p>
    </Show>
  )
}
