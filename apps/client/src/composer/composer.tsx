import { LIMITS, type ItemRow, type SessionRow } from '@coppice/events'
import { createSignal, Show, type JSX } from 'solid-js'
import { AttachButton, carriesFiles, pasteFiles } from '../attachments/attach-button.tsx'
import { useChosenFiles } from '../attachments/chosen-files.ts'
import { ChosenList } from '../attachments/chosen-list.tsx'
import { useOnceKept } from '../attachments/once-kept.ts'
import { comboboxOf, PickerList, usePicker } from '../mentions/picker.tsx'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { ProviderMark } from '../parts/provider-mark.tsx'
import { Segmented } from '../parts/segmented.tsx'
import { sendMessage, sendToSession, steer } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { useDraft } from './drafts.ts'
import { QueuedMessages } from './queued-messages.tsx'
import { WaitingLine } from './waiting-line.tsx'

/** Where messages are written. While the agent works they queue, and it can be interrupted. */
export function Composer(props: { session: SessionRow; queued: readonly ItemRow[]; onSent: () => void }): JSX.Element {
  const signals = useReplica()
  const { replica } = signals
  const users = signals.table('users')
  let box: HTMLTextAreaElement | undefined
  const draft = useDraft({
    session: () => props.session,
    online: () => ['online', 'behind'].includes(signals.connection().state),
    name: () => users().get(replica.userId)?.name ?? 'somebody',
    box: () => box,
  })
  const { text } = draft
  const picker = usePicker({ session: () => props.session, box: () => box, text, write: draft.write })
  const files = useChosenFiles(replica, () => props.session.sessionId)
  const onceKept = useOnceKept(files, () => props.session.sessionId)
  const [dropping, setDropping] = createSignal(false)
  const working = () => props.session.status === 'in_progress'
  const offline = () => signals.connection().state === 'offline' || signals.connection().state === 'signed_out'
  const queues = () => working() || offline() || props.session.worktree !== 'ready' || props.queued.length > 0
  const tooLong = () =>
    text().length > LIMITS.messageBytes / 4 && new TextEncoder().encode(text()).length > LIMITS.messageBytes
  const blocked = () => text().trim() === '' || tooLong()
  const steers = () => working() && props.session.provider !== 'script' && files.list().length === 0
  /** @param now while the agent works: say it into the turn, instead of after it. */
  const send = async (now = false) => {
    if (blocked()) return
    if (!files.ready()) return onceKept.ask(() => void send(now))
    const { session } = props
    const steering = now && steers()
    const attachments = files.take()
    const sent = await draft.send((message) =>
      steering ? steer(replica, session, message) : sendMessage(replica, session, message, attachments),
    )
    if (!sent) return files.giveBack(attachments)
    props.onSent()
    box?.focus()
  }
  const held = () => props.session.held !== 'none' && props.queued.length > 0 && !working()
  return (
    <div class="composer">
      <WaitingLine session={props.session} />
      <QueuedMessages session={props.session} items={props.queued} />
      <Show when={held()}>
        <div class="banner mb-1.5 rounded-3">
          <span class="grow">
            <b>The queue is held</b> since the last turn{' '}
            {props.session.held === 'stopped'
              ? 'was stopped'
              : props.session.held === 'failed'
                ? 'failed'
                : 'was cut off by a restart'}
            .
          </span>
          <Button small onClick={() => void sendToSession(replica, props.session, 'queue.release', {})}>
            Go on
          </Button>
        </div>
      </Show>
      <form
        class="compose-box"
        classList={{ 'drop-here': dropping() }}
        onDragOver={(event) => {
          if (!carriesFiles(event)) return
          event.preventDefault()
          setDropping(true)
        }}
        onDragLeave={() => setDropping(false)}
        onDrop={(event) => {
          setDropping(false)
          if (!carriesFiles(event)) return
          event.preventDefault()
          files.add(event.dataTransfer?.files ?? [])
        }}
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <PickerList picker={picker} />
        <textarea
          ref={box}
          {...comboboxOf(picker)}
          aria-label="Message"
          placeholder={
            offline() ? 'Message; queued until on line' : working() ? 'Message; queued until the turn ends' : 'Message'
          }
          value={text()}
          aria-invalid={tooLong()}
          onInput={(event) => {
            draft.write(event.currentTarget.value, event.currentTarget.selectionEnd)
            onceKept.forget()
            picker.moved()
          }}
          onSelect={() => picker.moved()}
          onKeyUp={() => picker.moved()}
          onClick={() => picker.moved()}
          onPaste={(event) => pasteFiles(event, files)}
          onFocus={() => {
            draft.writing(true)
            picker.entered()
          }}
          onBlur={() => {
            draft.writing(false)
            picker.left()
          }}
          onKeyDown={(event) => {
            if (picker.key(event)) return event.preventDefault()
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
            event.preventDefault()
            void send(event.ctrlKey || event.metaKey)
          }}
        />
        <ChosenList files={files} workspaceId={props.session.workspaceId} />
        <Show when={files.list().length > 0 && text().trim() === ''}>
          <p class="hint px-3">Write what is to be done with {files.list().length === 1 ? 'it' : 'them'}.</p>
        </Show>
        <Show when={onceKept.asked()}>
          <p class="hint px-3" role="status">
            It goes as soon as the {files.list().length === 1 ? 'file is' : 'files are'} kept on this device.
          </p>
        </Show>
        <Show when={tooLong()}>
          <p class="hint bad px-3" role="alert">
            A message is at most {LIMITS.messageBytes / 1024} KiB. It is kept here; shorten it, or attach the rest as a
            file.
          </p>
        </Show>
        <Show when={draft.others().length > 0}>
          <p class="hint px-3" role="status">
            {draft.others().join(', ')} {draft.others().length === 1 ? 'is' : 'are'} writing here, too.
          </p>
        </Show>
        <div class="controls">
          <AttachButton files={files} />
          <Segmented
            small
            label="Steps"
            value={props.session.stepMode}
            options={[
              { value: 'manual', label: 'Manual', icon: 'hand', why: 'Each step waits for you' },
              { value: 'auto', label: 'Auto', icon: 'bolt', why: 'Runs until it is done' },
            ]}
            onChange={(stepMode) => void sendToSession(replica, props.session, 'session.setStepMode', { stepMode })}
          />
          <Show when={props.session.planMode}>
            <button
              type="button"
              class="chip on"
              title="The agent reads only. Click to leave plan mode."
              onClick={() => void sendToSession(replica, props.session, 'session.setPlanMode', { planMode: false })}
            >
              Plan mode
              <Icon name="close" />
            </button>
          </Show>
          <span class="row wide-only !gap-1.5 px-2 text-12 text-supports cut">
            <ProviderMark provider={props.session.provider} />
            <span class="cut">{props.session.model || 'no model'}</span>
          </span>
          <span class="grow" />
          <Show when={working()}>
            <Button
              small
              look="quiet"
              icon="square"
              title="Stop the agent and its children"
              disabled={props.session.turnStop !== 'none'}
              onClick={() => void sendToSession(replica, props.session, 'turn.stop', { turnId: props.session.turnId })}
            >
              {props.session.turnStop === 'none' ? 'Interrupt' : 'Stopping'}
            </Button>
          </Show>
          <Show when={steers()}>
            <Button
              small
              class="wide-only"
              icon="bolt"
              title="Say it to the agent while it works (Ctrl+Enter)"
              disabled={blocked()}
              onClick={() => void send(true)}
            >
              Steer
            </Button>
          </Show>
          <Button type="submit" small look="primary" iconAfter="return" disabled={blocked()}>
            {queues() ? 'Queue' : 'Send'}
          </Button>
        </div>
      </form>
    </div>
  )
}

/** What stands in the composer's place once a session has ended. */
export function EndedBar(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  return (
    <div class="composer">
      <div class="banner rounded-3">
        <Icon name={props.session.status === 'done' ? 'check' : 'close'} size="small" />
        <span class="grow">
          <b>{props.session.status === 'done' ? 'Done.' : 'Canceled.'}</b> The branch stays; Restore brings the worktree
          back as it was.
        </span>
        <Button
          small
          disabled={props.session.worktree === 'restoring'}
          onClick={() => void sendToSession(replica, props.session, 'session.restore', {})}
        >
          {props.session.worktree === 'restoring' ? 'Restoring' : 'Restore'}
        </Button>
      </div>
    </div>
  )
}

export const hasEnded = (session: SessionRow): boolean => session.status === 'done' || session.status === 'canceled'
