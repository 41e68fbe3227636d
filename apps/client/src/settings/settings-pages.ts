import type { IconName } from '../parts/icon.tsx'

/** A page of the settings: the last part of its address, what it is called, and words it is also looked for by. */
export interface SettingsPlace {
  readonly path: string
  readonly label: string
  readonly icon: IconName
  readonly about: string
}

export const settingsPages: readonly SettingsPlace[] = [
  { path: '', label: 'General', icon: 'sliders', about: 'theme, storage, this device' },
  { path: 'workspaces', label: 'Workspaces', icon: 'folder', about: 'toggles, scripts, rules, tasks' },
  { path: 'hooks', label: 'Session Hooks', icon: 'hook', about: 'install, tests, lint: what runs by itself' },
  { path: 'members', label: 'Members', icon: 'users', about: 'roles and invitations' },
  { path: 'bots', label: 'Bots', icon: 'message', about: 'what they are told and may do' },
  { path: 'runners', label: 'Runners', icon: 'terminal', about: 'agents, load, disk, sandbox' },
  { path: 'tokens', label: 'Tokens', icon: 'key', about: 'devices and sign-in' },
  { path: 'secrets', label: 'Secrets', icon: 'lock', about: 'keys of providers, environment' },
]

export const settingsPath = ({ path }: SettingsPlace): string => (path === '' ? '/settings' : `/settings/${path}`)
