import { A, useLocation, useNavigate } from '@solidjs/router'
import { createEffect, createSignal, Show, type JSX } from 'solid-js'
import { Icon } from '../parts/icon.tsx'
import { phonePanel, setPhonePanel } from './frame-state.ts'

/** The phone's way between pages. Session and Panel lead to the session looked at last. */
export function BottomBar(props: { needing: number; sessionId: string | undefined }): JSX.Element {
  const location = useLocation()
  const navigate = useNavigate()
  const [last, setLast] = createSignal<string>()
  createEffect(() => props.sessionId && setLast(props.sessionId))
  const inSession = () => location.pathname.startsWith('/session/')
  const to = (panel: boolean) => {
    const session = last()
    if (session === undefined) return
    setPhonePanel(panel)
    if (location.pathname !== `/session/${session}`) navigate(`/session/${session}`)
  }
  return (
    <nav class="bottom-bar" aria-label="Pages">
      <A href="/" end aria-current={location.pathname === '/' ? 'page' : undefined}>
        <Icon name="list" size="large" />
        Sessions
      </A>
      <A href="/inbox" aria-current={location.pathname === '/inbox' ? 'page' : undefined}>
        <Icon name="inbox" size="large" />
        Inbox
        <Show when={props.needing > 0}>
          <span class="count needs">{props.needing}</span>
        </Show>
      </A>
      <button
        type="button"
        aria-current={inSession() && !phonePanel() ? 'page' : undefined}
        aria-disabled={last() === undefined}
        onClick={() => to(false)}
      >
        <Icon name="message" size="large" />
        Session
      </button>
      <button
        type="button"
        aria-current={inSession() && phonePanel() ? 'page' : undefined}
        aria-disabled={last() === undefined}
        onClick={() => to(true)}
      >
        <Icon name="panel" size="large" />
        Panel
      </button>
    </nav>
  )
}
