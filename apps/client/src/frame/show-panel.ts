import type { Navigator } from '@solidjs/router'
import { setOverlay, setPanelFolded, setPanelOver, setPanelTab, setPhonePanel, type PanelTab } from './frame-state.ts'

/** The pages of a session that have its panel beside them. */
const PANEL_PAGES = /^\/session\/[^/]+(\/file|\/terminal\/[^/]+)?$/

/** Whether the page at a path has a session's panel. */
export const hasPanel = (pathname: string): boolean => PANEL_PAGES.test(pathname)

/** A tab of a session's panel, wherever the panel is: beside the page, over it, or a page of its own on a phone. */
export function showPanel(tab: PanelTab, sessionId: string, navigate: Navigator): void {
  setOverlay('none')
  setPanelTab(tab)
  setPanelFolded(false)
  setPanelOver(true)
  setPhonePanel(true)
  if (!hasPanel(location.pathname)) navigate(`/session/${sessionId}`)
}
