import type { SessionRow } from '@coppice/events'
import { A } from '@solidjs/router'
import { createSignal, onCleanup, Show, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { SetupActions, SetupScript } from './setup-actions.tsx'

/** In the inbox: a script that waits for a word, with its text. The session is open for as long as it stands here. */
export function SetupLine(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const conversation = replica.openConversation(props.session.sessionId)
  const [text, setText] = createSignal('')
  const read = () => {
    const id = props.session.setup?.setupId ?? ''
    const show = () => setText(conversation.body(id)?.detail.detail ?? '')
    if (conversation.body(id) === undefined) void conversation.load([id]).then(show)
    else show()
  }
  onCleanup(conversation.onChange(read))
  onCleanup(() => conversation.close())
  read()
  return (
    <article class="list-row" tabIndex={0} aria-label={`A script asks to run: ${props.session.name}`}>
      <StatusGlyph kind="needs" />
      <span class="row">
        <A class="cut font-medium" href={`/session/${props.session.sessionId}`}>
          {props.session.name}
        </A>
        <code class="cut text-12 text-meta">{props.session.setup?.path}</code>
      </span>
      <span class="text-12 text-meta">
        <Ago at={props.session.updatedAt} />
      </span>
      <div class="below column pt-1">
        <p class="text-supports">The repository brings a script that sets up each new worktree.</p>
        <Show when={text() !== ''}>
          <SetupScript text={text()} open />
        </Show>
        <SetupActions session={props.session} />
      </div>
    </article>
  )
}
