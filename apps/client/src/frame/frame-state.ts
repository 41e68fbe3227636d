import { createEffect, createSignal, on } from 'solid-js'

/** The tabs beside a session that exist today. */
export const panelTabs = ['info', 'files', 'search', 'git', 'tasks', 'hooks', 'context', 'terminal', 'preview'] as const
export type PanelTab = (typeof panelTabs)[number]

export type ThemeChoice = 'system' | 'light' | 'dark'

/** What the frame remembers on this device. */
interface Remembered {
  sideFolded: boolean
  panelFolded: boolean
  tab: PanelTab
  closedGroups: string[]
}

const KEY = 'coppice:frame'
const THEME_KEY = 'coppice:theme'

function remembered(): Remembered {
  const fallback: Remembered = { sideFolded: false, panelFolded: false, tab: 'info', closedGroups: [] }
  const kept = localStorage.getItem(KEY)
  if (kept === null) return fallback
  const value: unknown = JSON.parse(kept)
  if (typeof value !== 'object' || value === null) return fallback
  const known = value as Partial<Record<keyof Remembered, unknown>>
  return {
    sideFolded: known.sideFolded === true,
    panelFolded: known.panelFolded === true,
    tab: panelTabs.find((tab) => tab === known.tab) ?? 'info',
    closedGroups: Array.isArray(known.closedGroups) ? known.closedGroups.filter((one) => typeof one === 'string') : [],
  }
}

const initial = remembered()
export const [sideFolded, setSideFolded] = createSignal(initial.sideFolded)
export const [panelFolded, setPanelFolded] = createSignal(initial.panelFolded)
export const [panelTab, setPanelTab] = createSignal<PanelTab>(initial.tab)
export const [closedGroups, setClosedGroups] = createSignal<readonly string[]>(initial.closedGroups)

/** Overlays of a narrow screen; not remembered. */
export const [sideOver, setSideOver] = createSignal(false)
export const [panelOver, setPanelOver] = createSignal(false)

/** On a phone the panel is a page of its own, beside the session. */
export const [phonePanel, setPhonePanel] = createSignal(false)

/** What is open above the page. */
export type Overlay = 'none' | 'new' | 'palette' | 'quickOpen' | 'shortcuts'
export const [overlay, setOverlay] = createSignal<Overlay>('none')

/** The workspace a new session is being made in; undefined while that dialog is shut. */
export const [newSessionIn, setNewSessionIn] = createSignal<string>()

/** The bot that the new session begins with, where one was chosen. */
export const [newSessionBot, setNewSessionBot] = createSignal<string>()

/** Opens the dialog of a new session; with a bot for one that it leads. */
export function startIn(workspaceId: string, botId?: string): void {
  setNewSessionBot(botId)
  setNewSessionIn(workspaceId)
}

/** Keeps the frame as it was left. Called once, from the root. */
export function rememberFrame(): void {
  createEffect(
    on(
      [sideFolded, panelFolded, panelTab, closedGroups],
      ([side, panel, tab, groups]) => {
        const value: Remembered = { sideFolded: side, panelFolded: panel, tab, closedGroups: [...groups] }
        localStorage.setItem(KEY, JSON.stringify(value))
      },
      { defer: true },
    ),
  )
}

const light = matchMedia('(prefers-color-scheme: light)')
const keptTheme = localStorage.getItem(THEME_KEY)
export const [theme, setThemeSignal] = createSignal<ThemeChoice>(
  keptTheme === 'light' || keptTheme === 'dark' ? keptTheme : 'system',
)

const applyTheme = (choice: ThemeChoice): void => {
  document.documentElement.dataset['theme'] =
    choice === 'light' || (choice === 'system' && light.matches) ? 'light' : 'dark'
}
light.addEventListener('change', () => applyTheme(theme()))

export function setTheme(choice: ThemeChoice): void {
  setThemeSignal(choice)
  if (choice === 'system') localStorage.removeItem(THEME_KEY)
  else localStorage.setItem(THEME_KEY, choice)
  applyTheme(choice)
}

/** Light becomes dark and dark light, whatever the system says. */
export const switchTheme = (): void =>
  setTheme(document.documentElement.dataset['theme'] === 'light' ? 'dark' : 'light')
