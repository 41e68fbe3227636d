import type { SessionRow } from '@coppice/events'
import { createSignal, Show, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { cannotEnd } from '../session/session-actions.ts'
import { sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { loadedItem } from './loaded-item.ts'
import { ToggleChips } from './toggle-chips.tsx'

/** The toggles of a session, changed here, and the text that the agent was given because of them. */
export function SessionToggles(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const [reading, setReading] = createSignal(false)
  return (
    <section class="section">
      <h3>Toggles</h3>
      <ToggleChips
        label="Toggles of this session"
        on={props.session.toggles ?? []}
        disabled={cannotEnd(props.session) !== undefined}
        onChange={(toggle, on) => void sendToSession(replica, props.session, 'session.setToggle', { toggle, on })}
      />
      <p class="hint">
        {props.session.provider === 'script'
          ? 'A script reads no instructions; they count when another provider goes on.'
          : 'A change counts from the next turn.'}
      </p>
      <Show when={props.session.instructionsId}>
        {(id) => (
          <>
            <Button small look="quiet" icon="file" onClick={() => setReading(true)}>
              What the agent was told
            </Button>
            <Show when={reading()}>
              <Instructions sessionId={props.session.sessionId} itemId={id()} onClose={() => setReading(false)} />
            </Show>
          </>
        )}
      </Show>
    </section>
  )
}

function Instructions(props: { sessionId: string; itemId: string; onClose: () => void }): JSX.Element {
  const item = loadedItem(useReplica().replica, props.sessionId, () => props.itemId)
  return (
    <Dialog wide open title="What the agent was told beside messages" onClose={props.onClose}>
      <Show when={item()} fallback={<p class="text-meta">This part of the session is not on this device yet.</p>}>
        {(row) => (
          <pre class="thinking-text whitespace-pre-wrap" tabIndex={0} aria-label="Instructions">
            {row().text === '' ? 'Nothing: no toggle was on.' : row().text}
          </pre>
        )}
      </Show>
    </Dialog>
  )
}
