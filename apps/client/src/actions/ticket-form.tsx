import { LIMITS, type Action, type ItemRow } from '@coppice/events'
import { createSignal, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { answerAction } from './answer-action.ts'

/** A ticket that the agent proposes, to be filled in. It stands in the record of the session. */
export function TicketForm(props: { item: ItemRow; ticket: Extract<Action, { kind: 'create_ticket' }> }): JSX.Element {
  const { replica } = useReplica()
  const [title, setTitle] = createSignal(props.ticket.title)
  const [description, setDescription] = createSignal(props.ticket.description)
  const keep = (): void =>
    void answerAction(replica, props.item, { kind: 'ticket', title: title().trim(), description: description() })
  return (
    <form
      class="column !gap-2.5"
      onSubmit={(event) => {
        event.preventDefault()
        if (title().trim() !== '') keep()
      }}
    >
      <Field label="Title" error={title().trim() === '' ? 'A ticket needs a title.' : undefined}>
        {(ids) => (
          <input
            id={ids.id}
            class="input small"
            aria-describedby={ids.describedBy}
            maxLength={LIMITS.nameChars}
            value={title()}
            onInput={(event) => setTitle(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field
        label="Description"
        hint="There is no board yet: what you keep is written into this session, and becomes a ticket when there is one."
      >
        {(ids) => (
          <textarea
            id={ids.id}
            class="input"
            rows={3}
            aria-describedby={ids.describedBy}
            maxLength={LIMITS.actionTextChars}
            value={description()}
            onInput={(event) => setDescription(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="row approval-actions">
        <Button look="primary" type="submit" disabled={title().trim() === ''}>
          Keep it
        </Button>
        <Button
          look="quiet"
          class="ml-auto"
          onClick={() => void answerAction(replica, props.item, { kind: 'dismissed' })}
        >
          Dismiss
        </Button>
      </div>
    </form>
  )
}
