import { LIMITS, newId, type ItemRow, type SessionRow } from '@coppice/events'
import { createSignal, onMount, Show, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'

/** A delivered message as it is written anew: sent, the session goes back to before it and runs again from there (M-2). */
export function EditMessage(props: { item: ItemRow; session: SessionRow; onClose: () => void }): JSX.Element {
  const { replica } = useReplica()
  const [text, setText] = createSignal(props.item.text)
  const [sending, setSending] = createSignal(false)
  let box: HTMLTextAreaElement | undefined
  onMount(() => {
    box?.focus()
    box?.setSelectionRange(box.value.length, box.value.length)
  })
  const tooLong = () => new TextEncoder().encode(text()).length > LIMITS.messageBytes
  const ready = () => text().trim() !== '' && !tooLong() && !sending()
  const send = async (): Promise<void> => {
    if (!ready()) return
    setSending(true)
    const { attachments } = props.item.detail
    const sent = await sendToSession(replica, props.session, 'session.rewind', {
      rewindId: newId(),
      messageId: props.item.itemId,
      restore: 'both',
      replacement: { messageId: newId(), text: text(), ...(attachments && { attachments }) },
    })
    setSending(false)
    if (sent) props.onClose()
  }
  return (
    <form
      class="edit-message"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <textarea
        ref={box}
        class="input"
        aria-label="The message, edited"
        rows={Math.min(14, Math.max(3, text().split('\n').length + 1))}
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') return props.onClose()
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          void send()
        }}
      />
      <div class="row">
        <p class="hint grow">
          <Show
            when={tooLong()}
            fallback="Files and conversation go back to before this message. What is there now is kept: the files in a checkpoint, the messages behind a fold."
          >
            A message is at most {LIMITS.messageBytes / 1024} KiB.
          </Show>
        </p>
        <Button small look="quiet" onClick={() => props.onClose()}>
          Cancel
        </Button>
        <Button small look="primary" type="submit" disabled={!ready()}>
          Send again
        </Button>
      </div>
    </form>
  )
}
