import type { SessionRow } from '@coppice/events'
import { panelTabs, type PanelTab } from '../frame/frame-state.ts'
import type { IconName } from '../parts/icon.tsx'

/** What stands on the rail for each tab, and over it when it is open. */
export const tabLooks: Record<PanelTab, { label: string; title: string; icon: IconName }> = {
  info: { label: 'Info', title: 'Session Info', icon: 'info' },
  files: { label: 'Files', title: 'Files', icon: 'folder' },
  search: { label: 'Search', title: 'Search', icon: 'search' },
  git: { label: 'Git', title: 'Git', icon: 'branch' },
  tasks: { label: 'Tasks', title: 'Tasks', icon: 'tasks' },
  hooks: { label: 'Hooks', title: 'Hook Logs', icon: 'hook' },
  context: { label: 'Context', title: 'Context', icon: 'gauge' },
  terminal: { label: 'Terminal', title: 'Terminal', icon: 'terminal' },
  preview: { label: 'Preview', title: 'Preview', icon: 'globe' },
}

const notForBots: readonly PanelTab[] = ['git', 'tasks', 'hooks', 'preview', 'terminal']

/** A bot's session is a conversation: what it may change is not for committing. */
export const tabsOf = ({ mode }: SessionRow): readonly PanelTab[] =>
  mode === 'bot' ? panelTabs.filter((tab) => !notForBots.includes(tab)) : panelTabs
