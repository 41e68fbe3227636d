import type { SessionRow } from '@coppice/events'
import { previewAnswerSchema } from '@coppice/protocol'
import { For, Show, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { toast } from '../parts/toasts.tsx'
import { ask } from '../settings/http.ts'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { usePorts } from './use-ports.ts'

/** What listens in a session, to be opened in a tab of its own. */
export default function PreviewTab(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const member = useRow('members', () => `${props.session.workspaceId}/${replica.userId}`)
  const { ports, failure } = usePorts(() => props.session, true)
  const open = async (port: number): Promise<void> => {
    // Opened with the click: later the browser would take it for an advertisement.
    const page = window.open('', '_blank')
    const { workspaceId, sessionId } = props.session
    const answer = await ask(previewAnswerSchema, '/api/previews', {
      method: 'POST',
      body: { workspaceId, sessionId, port },
    })
    if (!answer.ok) {
      page?.close()
      toast(answer.message, { bad: true })
      return
    }
    if (!page)
      return toast('The browser keeps this page from opening another one. Allow it, then try again.', { bad: true })
    page.opener = null
    page.location.replace(answer.data.url)
  }
  return (
    <section class="section" aria-label="Preview">
      <ul class="column !gap-0.5">
        <For each={ports()} fallback={<Nothing failure={failure()} />}>
          {({ port, process }) => (
            <li class="row task-row">
              <Icon name="globe" size="small" />
              <span class="grow cut">
                {port} <span class="text-12 text-meta">{process}</span>
              </span>
              <Show when={member()?.role !== 'viewer'}>
                <Button small aria-label={`Open port ${port}`} onClick={() => void open(port)}>
                  Open
                </Button>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <p class="hint">
        A dev server that a task, a terminal or the agent starts is noticed by its port. It opens under a name of its
        own, through Coppice, for who is signed in; it can do nothing in Coppice.
      </p>
    </section>
  )
}

const Nothing = (props: { failure: string }): JSX.Element => (
  <li class="text-12 text-meta">{props.failure === '' ? 'Nothing listens in this session now.' : props.failure}</li>
)
