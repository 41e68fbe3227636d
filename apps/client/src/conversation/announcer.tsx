import type { SessionRow } from '@coppice/events'
import { createEffect, createSignal, on, onCleanup, type JSX } from 'solid-js'

/** While a turn runs, a word now and then that it still does. */
const STILL_WORKING_MS = 15_000

/** Tells a screen reader what happens in a session: the conversation itself is no live region, it would be read token by token. */
export function Announcer(props: { session: SessionRow }): JSX.Element {
  const [polite, setPolite] = createSignal('')
  const [urgent, setUrgent] = createSignal('')
  createEffect(
    on(
      () => props.session.status,
      (status, before) => {
        if (before === undefined) return
        setPolite(
          status === 'in_progress'
            ? 'The agent started.'
            : status === 'waiting'
              ? 'The agent finished; the session waits for you.'
              : status === 'done'
                ? 'The session is done.'
                : 'The session is canceled.',
        )
      },
    ),
  )
  createEffect(() => {
    if (props.session.status !== 'in_progress') return
    const timer = setInterval(
      () => setPolite((text) => (text === 'Still working.' ? 'Still working. ' : 'Still working.')),
      STILL_WORKING_MS,
    )
    onCleanup(() => clearInterval(timer))
  })
  createEffect(
    on(
      () => props.session.pendingApprovals + (props.session.openActions ?? 0),
      (count, before) => {
        if (count > (before ?? 0)) setUrgent('An approval is needed.')
        else if (count === 0) setUrgent('')
      },
    ),
  )
  createEffect(
    on(
      () => props.session.held,
      (held, before) => {
        if (before !== undefined && held === 'failed') setUrgent(`The turn failed. ${props.session.lastOutcomeMessage}`)
      },
    ),
  )
  return (
    <>
      <div class="sr-only" aria-live="polite">
        {polite()}
      </div>
      <div class="sr-only" aria-live="assertive">
        {urgent()}
      </div>
    </>
  )
}
