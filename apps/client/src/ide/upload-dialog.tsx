import type { OperationRow, SessionRow } from '@coppice/events'
import { For, Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'

/** What an upload would change; nothing of it is applied before a yes (I-16). */
export function UploadDialog(props: { session: SessionRow; offer: OperationRow; onClose: () => void }): JSX.Element {
  const { replica } = useReplica()
  const upload = () => props.offer.upload
  const total = () => (upload()?.changedCount ?? 0) + (upload()?.deletedCount ?? 0)
  const { operationId, operation } = props.offer
  const apply = () => {
    void sendToSession(replica, props.session, 'git.request', { operationId, operation })
    props.onClose()
  }
  const dismiss = () => {
    void sendToSession(replica, props.session, 'git.cancel', { operationId })
    props.onClose()
  }
  return (
    <Dialog
      open
      onClose={props.onClose}
      title="Apply what you have uploaded?"
      footer={
        <>
          <Button look="quiet" danger onClick={dismiss}>
            Dismiss the upload
          </Button>
          <span class="grow" />
          <Button look="quiet" onClick={() => props.onClose()}>
            Later
          </Button>
          <Button look="primary" onClick={apply}>
            Apply {plural(total(), 'change')}
          </Button>
        </>
      }
    >
      <p class="text-supports">
        A checkpoint is taken first and keeps what is there now.
        <Show when={props.session.status === 'in_progress'}> It waits for the end of the agent’s turn.</Show>
      </p>
      <Paths title="Overwritten: changed in the session, too" bad paths={upload()?.overwrites ?? []} />
      <Paths title="Changed" paths={upload()?.changed ?? []} total={upload()?.changedCount} />
      <Paths title="Deleted" paths={upload()?.deleted ?? []} total={upload()?.deletedCount} />
    </Dialog>
  )
}

function Paths(props: {
  title: string
  paths: readonly string[]
  total?: number | undefined
  bad?: boolean
}): JSX.Element {
  const more = () => (props.total ?? props.paths.length) - props.paths.length
  return (
    <Show when={props.paths.length > 0}>
      <h3 class="mt-3 text-12" classList={{ 'text-bad': props.bad === true }}>
        {props.title} <span class="text-meta">{props.total ?? props.paths.length}</span>
      </h3>
      <ul class="list max-h-52 overflow-auto p-2" aria-label={props.title}>
        <For each={props.paths}>
          {(path) => (
            <li class="mono cut" title={path}>
              {path}
            </li>
          )}
        </For>
        <Show when={more() > 0}>
          <li class="text-meta">and {more()} more</li>
        </Show>
      </ul>
    </Show>
  )
}
