import type { SessionRow, WorkspaceRow } from '@coppice/events'
import type { Replica } from '@coppice/replica'
import type { Navigator } from '@solidjs/router'
import { setNewSessionIn, setOverlay, setTheme, switchTheme } from '../frame/frame-state.ts'
import { showPanel } from '../frame/show-panel.ts'
import type { IconName } from '../parts/icon.tsx'
import { sessionActions } from '../session/session-actions.ts'
import { tabLooks, tabsOf } from '../session/panel-tabs.ts'
import { settingsPages, settingsPath } from '../settings/settings-pages.ts'

/** What the palette offers, under the head of its group. */
export interface Entry {
  readonly group: string
  readonly label: string
  /** Said beside it, quieter. */
  readonly aside?: string
  readonly icon?: IconName
  readonly disabled?: boolean
  readonly act: () => void
}

/** What can be done with the session that is looked at: what its menu has, its tabs, its pages. */
export function ofSession(
  replica: Replica,
  session: SessionRow,
  { pinned, navigate }: { pinned: boolean; navigate: Navigator },
): readonly Entry[] {
  const group = 'Actions on this session'
  const actions = sessionActions(replica, session, pinned).flatMap((action): Entry[] =>
    action === null
      ? []
      : [
          {
            group,
            label: action.label,
            act: action.act,
            ...(action.icon && { icon: action.icon }),
            ...(action.disabled && { disabled: true }),
          },
        ],
  )
  const { sessionId, groupId } = session
  return [
    ...actions,
    ...tabsOf(session).map((tab) => ({
      group,
      label: `Show ${tabLooks[tab].title}`,
      icon: tabLooks[tab].icon,
      act: () => showPanel(tab, sessionId, navigate),
    })),
    { group, label: 'Open a file', icon: 'file', act: () => setOverlay('quickOpen') },
    { group, label: 'Review the diff', icon: 'file', act: () => navigate(`/session/${sessionId}/changes`) },
    ...(groupId === undefined
      ? []
      : [
          {
            group,
            label: 'Compare with the others of its prompt',
            icon: 'fork' as const,
            act: () => navigate(`/group/${groupId}`),
          },
        ]),
  ]
}

/** What can be done from anywhere, and every page of the settings. */
export function everywhere(workspaces: readonly WorkspaceRow[], navigate: Navigator): readonly Entry[] {
  const group = 'Actions'
  return [
    ...workspaces.map((workspace) => ({
      group,
      label: `New session in ${workspace.name}`,
      icon: 'plus' as const,
      act: () => setNewSessionIn(workspace.workspaceId),
    })),
    { group, label: 'Add a repository', icon: 'folder', act: () => navigate('/add') },
    { group, label: 'Search the history', icon: 'search', act: () => navigate('/search') },
    { group, label: 'Inbox', icon: 'inbox', act: () => navigate('/inbox') },
    { group, label: 'All sessions', icon: 'list', act: () => navigate('/') },
    { group, label: 'Keyboard shortcuts', icon: 'help', act: () => setOverlay('shortcuts') },
    { group: 'Settings', label: 'Switch theme', icon: 'sun', act: () => switchTheme() },
    { group: 'Settings', label: 'Theme as the system', icon: 'sun', act: () => setTheme('system') },
    ...settingsPages.map((page) => ({
      group: 'Settings',
      label: page.path === '' ? 'Settings' : `Settings: ${page.label}`,
      aside: page.about,
      icon: page.icon,
      act: () => navigate(settingsPath(page)),
    })),
  ]
}
