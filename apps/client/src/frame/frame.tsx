import { useLocation, useNavigate, useParams } from '@solidjs/router'
import { lazy, onCleanup, Show, Suspense, type JSX } from 'solid-js'
import { Toasts } from '../parts/toasts.tsx'
import { BottomBar } from './bottom-bar.tsx'
import {
  newSessionIn,
  overlay,
  panelFolded,
  panelOver,
  phonePanel,
  rememberFrame,
  setNewSessionBot,
  setNewSessionIn,
  setOverlay,
  setSideOver,
  sideFolded,
  sideOver,
} from './frame-state.ts'
import { useKeyboard } from './keyboard.ts'
import { prefetchSessions } from './prefetch.ts'
import { useSessionLists } from './session-lists.ts'
import { hasPanel } from './show-panel.ts'
import { Sidebar, SlimSidebar } from './sidebar.tsx'
import { useMedia } from './media.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { changingProvider, setChangingProvider, setSettingKey, settingKey } from '../session/session-actions.ts'

const ChangeProvider = lazy(() => import('../session/change-provider.tsx'))
const NewPopup = lazy(() => import('../start/new-popup.tsx'))
const NewSessionDialog = lazy(() => import('../start/new-session-dialog.tsx'))
const QuickOpen = lazy(() => import('../files/quick-open.tsx'))
const Palette = lazy(() => import('../palette/palette.tsx'))
const SetKey = lazy(() => import('../secrets/set-key.tsx'))
const Shortcuts = lazy(() => import('../palette/shortcuts.tsx'))

const closeNewSession = (): void => {
  setNewSessionIn(undefined)
  setNewSessionBot(undefined)
}

/** Sidebar, page and (for a session) its panel. On a phone they are pages of their own with a bar below. */
export function Frame(props: { children?: JSX.Element }): JSX.Element {
  const lists = useSessionLists()
  const { replica, table } = useReplica()
  const sessions = table('sessions')
  onCleanup(prefetchSessions(replica, document.body))
  const location = useLocation()
  const navigate = useNavigate()
  const params = useParams()
  const wide = useMedia('(min-width: 900px)')
  rememberFrame()
  useKeyboard({ lists, navigate, sessionId: () => params['sessionId'] })
  const inSession = () => hasPanel(location.pathname)
  const shows = () =>
    location.pathname === '/' ? 'shows-list' : inSession() && phonePanel() ? 'shows-panel' : 'shows-main'
  return (
    <div
      class={`frame ${shows()}`}
      classList={{
        'with-panel': inSession(),
        'side-folded': sideFolded() && wide(),
        'panel-folded': panelFolded(),
        'side-over': sideOver(),
        'panel-over': panelOver(),
      }}
    >
      <Show when={sideFolded() && wide()} fallback={<Sidebar lists={lists} />}>
        <SlimSidebar lists={lists} />
      </Show>
      <div class="side-scrim" onClick={() => setSideOver(false)} />
      {props.children}
      <BottomBar needing={lists.needing().length} sessionId={params['sessionId']} />
      <Suspense>
        <Show when={overlay() === 'new'}>
          <NewPopup onClose={() => setOverlay('none')} />
        </Show>
        <Show when={newSessionIn()}>
          {(workspaceId) => <NewSessionDialog workspaceId={workspaceId()} onClose={closeNewSession} />}
        </Show>
        <Show when={sessions().get(changingProvider() ?? '')}>
          {(session) => <ChangeProvider session={session()} onClose={() => setChangingProvider(undefined)} />}
        </Show>
        <Show when={sessions().get(settingKey() ?? '')}>
          {(session) => <SetKey session={session()} onClose={() => setSettingKey(undefined)} />}
        </Show>
        <Show when={overlay() === 'palette'}>
          <Palette lists={lists} onClose={() => setOverlay('none')} />
        </Show>
        <Show when={overlay() === 'quickOpen' && sessions().get(params['sessionId'] ?? '')}>
          {(session) => <QuickOpen session={session()} onClose={() => setOverlay('none')} />}
        </Show>
        <Show when={overlay() === 'shortcuts'}>
          <Shortcuts onClose={() => setOverlay('none')} />
        </Show>
      </Suspense>
      <Toasts />
    </div>
  )
}
