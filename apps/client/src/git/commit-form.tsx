import { newId, type SessionRow } from '@coppice/events'
import { createEffect, createSignal, on, Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { Button } from '../parts/button.tsx'
import { sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import type { Commit } from './history.tsx'

/** The message of a commit, and how it is made: anew or in place of the last one, signed off or not. */
export function CommitForm(props: {
  session: SessionRow
  staged: number
  /** Files that are changed at all. */
  changed: number
  /** The newest commit of the session, which can be amended. */
  last: Commit | undefined
  /** The last commit is on the remote already. */
  pushed: boolean
}): JSX.Element {
  const signals = useReplica()
  const { replica } = signals
  const [message, setMessage] = createSignal('')
  const [amend, setAmend] = createSignal(false)
  const [signOff, setSignOff] = createSignal(false)
  const possible = () => message().trim() !== '' && (props.staged > 0 || (amend() && props.last !== undefined))
  const lastMessage = () =>
    props.last ? [props.last.subject, props.last.body].filter((part) => part).join('\n\n') : ''
  // What was written is never replaced; the old message comes into an empty field, and goes with the choice.
  const choose = (chosen: boolean) => {
    setAmend(chosen)
    if (chosen && message().trim() === '') setMessage(lastMessage())
    else if (!chosen && message() === lastMessage()) setMessage('')
  }
  createEffect(
    on(
      () => props.last === undefined,
      (none) => none && setAmend(false),
      { defer: true },
    ),
  )
  const commit = async () => {
    const name = signals.table('users')().get(replica.userId)?.name ?? 'Coppice user'
    const done = await sendToSession(replica, props.session, 'git.request', {
      operationId: newId(),
      operation: {
        kind: 'commit',
        message: message().trim(),
        author: { name, email: `${replica.userId}@users.coppice.local` },
        ...(amend() && { amend: true as const }),
        ...(signOff() && { signOff: true as const }),
      },
    })
    if (!done) return
    setMessage('')
    setAmend(false)
  }
  return (
    <form
      class="section column"
      onSubmit={(event) => {
        event.preventDefault()
        if (possible()) void commit()
      }}
    >
      <label class="field-label !mb-0" for="commit-message">
        Commit message
      </label>
      <textarea
        id="commit-message"
        class="input"
        rows={3}
        value={message()}
        onInput={(event) => setMessage(event.currentTarget.value)}
      />
      <div class="row flex-wrap text-12">
        <Show when={props.last}>
          <label class="row !gap-1.5">
            <input type="checkbox" checked={amend()} onChange={(event) => choose(event.currentTarget.checked)} />
            Amend the last commit
          </label>
        </Show>
        <label class="row !gap-1.5">
          <input type="checkbox" checked={signOff()} onChange={(event) => setSignOff(event.currentTarget.checked)} />
          Sign off
        </label>
      </div>
      <Button type="submit" disabled={!possible()}>
        {amend() ? 'Amend' : 'Commit'} {props.staged > 0 ? plural(props.staged, 'file') : ''}
      </Button>
      <Show when={amend() && props.pushed}>
        <p class="hint">The last commit is on the remote: the next push will be refused until that is settled there.</p>
      </Show>
      <Show when={props.staged === 0 && props.changed > 0 && !amend()}>
        <p class="hint">Stage what belongs together first.</p>
      </Show>
    </form>
  )
}
