import type { Navigator } from '@solidjs/router'
import { onCleanup } from 'solid-js'
import {
  newSessionIn,
  overlay,
  panelTab,
  setOverlay,
  setPanelFolded,
  setPanelTab,
  setSideFolded,
  setSideOver,
} from './frame-state.ts'
import type { SessionLists } from './session-lists.ts'
import { showPanel } from './show-panel.ts'

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement)

/** Keys that act everywhere. Single letters count only outside fields, and none while an overlay is open. */
export function useKeyboard(frame: {
  lists: SessionLists
  navigate: Navigator
  sessionId: () => string | undefined
}): void {
  const jump = (session: { sessionId: string } | undefined) =>
    session && frame.navigate(`/session/${session.sessionId}`)
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented) return
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      setOverlay(overlay() === 'palette' ? 'none' : 'palette')
      return
    }
    if ((event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === 'f') {
      event.preventDefault()
      const sessionId = frame.sessionId()
      if (sessionId !== undefined) showPanel('search', sessionId, frame.navigate)
      else {
        setOverlay('none')
        frame.navigate('/search')
      }
      return
    }
    const session = frame.sessionId()
    if (
      (event.ctrlKey || event.metaKey) &&
      event.shiftKey &&
      event.key.toLowerCase() === 'x' &&
      session !== undefined
    ) {
      event.preventDefault()
      showPanel('context', session, frame.navigate)
      return
    }
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'p' && frame.sessionId()) {
      event.preventDefault()
      setOverlay('quickOpen')
      return
    }
    if (overlay() !== 'none' || newSessionIn() !== undefined) return
    if (event.altKey && !event.ctrlKey && /^Digit[1-9]$/.test(event.code)) {
      event.preventDefault()
      jump(frame.lists.inOrder()[Number(event.code.slice(5)) - 1])
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.composedPath()[0] ?? null)) return
    const act = single(event.key, frame.navigate)
    if (act === undefined) return
    event.preventDefault()
    act()
  }
  addEventListener('keydown', onKey)
  onCleanup(() => removeEventListener('keydown', onKey))
}

function single(key: string, navigate: Navigator): (() => void) | undefined {
  switch (key) {
    case 'c':
      return () => setOverlay('new')
    case '?':
      return () => setOverlay('shortcuts')
    case 'i':
      return () => navigate('/inbox')
    case '[':
      return () => setSideFolded((folded) => !folded)
    case ']':
      return () => setPanelFolded((folded) => !folded)
    case 'g':
      return () => {
        setPanelFolded(false)
        setPanelTab(panelTab() === 'git' ? 'info' : 'git')
      }
    case '/':
      return () => {
        const composer = document.querySelector<HTMLTextAreaElement>('.compose-box textarea')
        if (composer) composer.focus()
        else navigate('/search')
      }
    case 'Escape':
      return () => setSideOver(false)
    default:
      return undefined
  }
}
