import type { ItemRow, Rewound, SessionRow } from '@coppice/events'
import { newId } from '@coppice/events'
import { useNavigate } from '@solidjs/router'
import { createSignal, Show, type JSX } from 'solid-js'
import { IconButton } from '../parts/button.tsx'
import { Confirm, type Question } from '../parts/confirm.tsx'
import { Icon } from '../parts/icon.tsx'
import { Menu, type MenuItems } from '../parts/menu.tsx'
import { toast } from '../parts/toasts.tsx'
import { forkSession, sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'

/** Why a message cannot be gone back to now; undefined if it can. */
function cannotRewind(session: SessionRow): string | undefined {
  if (session.status === 'done' || session.status === 'canceled') return 'The session has ended: restore it first.'
  if (session.ending !== 'none') return 'The session is being ended.'
  if (session.worktree !== 'ready') return 'The session has no worktree right now.'
  if (session.rewinding !== '') return 'The session is being rewound already.'
  return undefined
}

const questions: Record<Rewound, { title: string; text: string; verb: string }> = {
  both: {
    title: 'Rewind files and conversation?',
    text: 'The files go back to how they were before this message; the agent forgets it and all that came after. The present files are kept in a checkpoint, the messages behind a fold.',
    verb: 'Rewind both',
  },
  code: {
    title: 'Rewind the files?',
    text: 'The files go back to how they were before this message. The agent remembers what it did. The present files are kept in a checkpoint.',
    verb: 'Rewind files',
  },
  conversation: {
    title: 'Rewind the conversation?',
    text: 'The agent forgets this message and all that came after; the files stay as they are. The messages are kept behind a fold.',
    verb: 'Rewind conversation',
  },
}

/** What can be done with a delivered message: edit and run again, go back to before it, delete, copy. */
export function MessageActions(props: { item: ItemRow; session: SessionRow; onEdit: () => void }): JSX.Element {
  const { replica } = useReplica()
  const navigate = useNavigate()
  const fork = async (): Promise<void> => {
    const sessionId = await forkSession(replica, props.session, props.item)
    if (sessionId !== undefined) navigate(`/session/${sessionId}`)
  }
  const [question, setQuestion] = createSignal<Question>()
  const mine = () => props.item.author === replica.userId
  const blocked = () => cannotRewind(props.session)
  const working = () => props.session.turnId !== '' && props.session.turnId === props.item.turnId
  const ask = (restore: Rewound): void => {
    const rewind = () =>
      void sendToSession(replica, props.session, 'session.rewind', {
        rewindId: newId(),
        messageId: props.item.itemId,
        restore,
      })
    const stops = props.session.turnId === '' ? '' : ' The agent is stopped first.'
    setQuestion({ ...questions[restore], text: questions[restore].text + stops, act: rewind })
  }
  const remove = (): void => {
    setQuestion({
      title: 'Delete this message?',
      text: 'It is struck through, and the agent’s next conversation leaves it out. What the agent did because of it stays.',
      verb: 'Delete',
      danger: true,
      act: () => void sendToSession(replica, props.session, 'message.remove', { messageId: props.item.itemId }),
    })
  }
  const copy = (): void =>
    void navigator.clipboard.writeText(props.item.text).then(
      () => toast('Copied.'),
      () => toast('The browser did not allow copying.', { bad: true }),
    )
  const items = (): MenuItems => {
    const why = blocked()
    const held = why === undefined ? {} : { disabled: true, why }
    return [
      { label: 'Copy text', icon: 'copy', act: copy },
      { label: 'Fork a session from here', icon: 'fork', act: () => void fork() },
      null,
      { label: 'Rewind files and conversation', icon: 'rewind', ...held, act: () => ask('both') },
      { label: 'Rewind files only', icon: 'rewind', ...held, act: () => ask('code') },
      { label: 'Rewind conversation only', icon: 'rewind', ...held, act: () => ask('conversation') },
      ...(mine()
        ? [
            null,
            {
              label: 'Delete message',
              icon: 'trash' as const,
              danger: true,
              ...held,
              ...(working() && { disabled: true, why: 'The agent is working on it: stop it first.' }),
              act: remove,
            },
          ]
        : []),
    ]
  }
  return (
    <span class="actions">
      <Show when={mine()}>
        <IconButton
          icon="pencil"
          label={blocked() ?? 'Edit and run again from here'}
          disabled={blocked() !== undefined}
          onClick={() => props.onEdit()}
        />
      </Show>
      <Menu
        label="Message actions"
        class="button quiet small square"
        trigger={<Icon name="more" size="small" />}
        items={items()}
      />
      <Confirm question={question()} onClose={() => setQuestion(undefined)} />
    </span>
  )
}
