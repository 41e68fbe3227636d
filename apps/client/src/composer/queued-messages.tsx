import type { ItemRow, SessionRow } from '@coppice/events'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { Sending } from '../attachments/sending.tsx'
import { plural } from '../format/numbers.ts'
import { IconButton, Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Avatar } from '../parts/people.tsx'
import { sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { moved, stepped } from './queue.ts'

/** Messages that wait for the agent: edited in place, dragged or moved with Alt and the arrows, removed. */
export function QueuedMessages(props: { session: SessionRow; items: readonly ItemRow[] }): JSX.Element {
  const { replica } = useReplica()
  const [dragged, setDragged] = createSignal<string>()
  const [over, setOver] = createSignal<string>()
  const ids = () => props.items.map((item) => item.itemId)
  const reorder = (next: readonly string[]) => {
    if (next.some((id, i) => id !== ids()[i]))
      void sendToSession(replica, props.session, 'message.reorder', { messageIds: [...next] })
  }
  return (
    <Show when={props.items.length > 0}>
      <ol class="queue" aria-label="Queued messages">
        <For each={ids()}>
          {(id, index) => (
            <li
              class="queued"
              classList={{ 'drop-before': over() === id && dragged() !== id, dragged: dragged() === id }}
              onDragOver={(event) => {
                event.preventDefault()
                setOver(id)
              }}
              onDrop={(event) => {
                event.preventDefault()
                const from = dragged()
                if (from !== undefined) reorder(moved(ids(), from, id))
                setOver(undefined)
              }}
            >
              <Queued
                session={props.session}
                item={() => props.items.find((item) => item.itemId === id)}
                index={index()}
                onDrag={(on) => {
                  setDragged(on ? id : undefined)
                  if (!on) setOver(undefined)
                }}
                onStep={(step) => reorder(stepped(ids(), id, step))}
              />
            </li>
          )}
        </For>
      </ol>
    </Show>
  )
}

function Queued(props: {
  session: SessionRow
  item: () => ItemRow | undefined
  index: number
  onDrag: (on: boolean) => void
  onStep: (step: -1 | 1) => void
}): JSX.Element {
  const { replica, table } = useReplica()
  const users = table('users')
  const [draft, setDraft] = createSignal<string>()
  const hook = () => (props.item()?.kind === 'hook_failure' ? (props.item()?.detail.source ?? 'hook') : undefined)
  const author = () => {
    const id = props.item()?.author ?? ''
    return { id, name: users().get(id)?.name ?? id }
  }
  const save = () => {
    const item = props.item()
    const text = draft()
    setDraft(undefined)
    if (item === undefined || text === undefined || text.trim() === '' || text === item.text) return
    void sendToSession(replica, props.session, 'message.edit', { messageId: item.itemId, text })
  }
  const steer = () => {
    const item = props.item()
    if (item) void sendToSession(replica, props.session, 'message.steer', { messageId: item.itemId })
  }
  const remove = () => {
    const item = props.item()
    if (item) void sendToSession(replica, props.session, 'message.remove', { messageId: item.itemId })
  }
  return (
    <>
      <button
        type="button"
        class="grip"
        draggable="true"
        aria-label={`Move message ${props.index + 1}: drag, or Alt with the up and down arrows`}
        onDragStart={(event) => {
          event.dataTransfer?.setData('text/plain', props.item()?.text ?? '')
          props.onDrag(true)
        }}
        onDragEnd={() => props.onDrag(false)}
        onKeyDown={(event) => {
          if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
          event.preventDefault()
          props.onStep(event.key === 'ArrowUp' ? -1 : 1)
        }}
      >
        <Icon name="grip" size="small" />
      </button>
      <span class="n">{props.index + 1}</span>
      <Show when={hook()} fallback={<Avatar person={author()} />}>
        {(name) => (
          <span class="text-failed" title={`From the hook ${name()}`}>
            <Icon name="alert" size="small" />
          </span>
        )}
      </Show>
      <Show
        when={draft() !== undefined}
        fallback={
          <>
            <span class="cut grow">{props.item()?.text}</span>
            <Show when={props.item()?.detail.attachments?.length}>
              {(files) => (
                <span class="row !gap-1 text-12 text-supports" title={plural(files(), 'file')}>
                  <Icon name="paperclip" size="small" />
                  {files()}
                  <span class="sr-only">{files() === 1 ? 'file' : 'files'} attached</span>
                  <Sending files={props.item()?.detail.attachments ?? []} />
                </span>
              )}
            </Show>
            <Show when={props.session.turnId !== '' && props.session.provider !== 'script'}>
              <IconButton icon="bolt" label="Steer: say it to the agent now" onClick={steer} />
            </Show>
            <IconButton icon="pencil" label="Edit" onClick={() => setDraft(props.item()?.text ?? '')} />
            <IconButton icon="close" label="Remove" onClick={remove} />
          </>
        }
      >
        <textarea
          class="input grow my-1"
          rows={2}
          aria-label="Queued message"
          ref={(box) => queueMicrotask(() => box.focus())}
          value={draft()}
          onInput={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={(event) => {
            event.stopPropagation()
            if (event.key === 'Escape') setDraft(undefined)
            if (event.key === 'Enter' && !event.shiftKey) {
              event.preventDefault()
              save()
            }
          }}
        />
        <Button small onClick={save}>
          Save
        </Button>
      </Show>
    </>
  )
}
