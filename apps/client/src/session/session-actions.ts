import { newId, type SessionRow } from '@coppice/events'
import type { Replica } from '@coppice/replica'
import { createSignal } from 'solid-js'
import type { MenuItems } from '../parts/menu.tsx'
import { pinSession, sendToSession } from '../sync/commands.ts'

/** The session whose name is being edited in the header. */
export const [renaming, setRenaming] = createSignal<string>()

/** The session whose provider is being changed. */
export const [changingProvider, setChangingProvider] = createSignal<string>()

/** The session whose provider is being given a key. */
export const [settingKey, setSettingKey] = createSignal<string>()

const ended = (session: SessionRow): boolean => session.status === 'done' || session.status === 'canceled'

/** Why the agent cannot be changed, or its memory cleared, now, if it cannot. */
export function cannotReset(session: SessionRow): string | undefined {
  return session.turnId === '' ? cannotEnd(session) : 'The agent is working: stop it, or wait for its turn to end.'
}

export const endSession = (replica: Replica, session: SessionRow, outcome: 'done' | 'canceled'): void => {
  void sendToSession(replica, session, 'session.end', { outcome })
}

/** Why a session cannot be completed now, if it cannot. */
export function cannotEnd(session: SessionRow): string | undefined {
  if (ended(session)) return 'It has ended.'
  if (session.ending !== 'none') return session.ending === 'done' ? 'It is being completed.' : 'It is being canceled.'
  return undefined
}

/** What can be done with a session, for its menu, its panel and the palette. */
export function sessionActions(replica: Replica, session: SessionRow, pinned: boolean): MenuItems {
  const blocked = cannotEnd(session)
  const held = blocked === undefined ? {} : { disabled: true, why: blocked }
  return [
    { label: 'Rename', icon: 'pencil', act: () => setRenaming(session.sessionId) },
    {
      label: pinned ? 'Unpin' : 'Pin to the top',
      icon: 'list',
      act: () => void pinSession(replica, session, pinned),
    },
    {
      label: 'Change provider',
      icon: 'sliders',
      ...(cannotReset(session) !== undefined && { disabled: true, why: cannotReset(session) ?? '' }),
      act: () => setChangingProvider(session.sessionId),
    },
    {
      label: 'Reset context',
      icon: 'refresh',
      ...(cannotReset(session) !== undefined && { disabled: true, why: cannotReset(session) ?? '' }),
      act: () => void sendToSession(replica, session, 'session.resetContext', { resetId: newId() }),
    },
    null,
    ended(session)
      ? { label: 'Restore', icon: 'refresh', act: () => void sendToSession(replica, session, 'session.restore', {}) }
      : { label: 'Complete', icon: 'check', ...held, act: () => endSession(replica, session, 'done') },
    ...(ended(session)
      ? []
      : [
          {
            label: 'Cancel session',
            icon: 'close' as const,
            danger: true,
            ...held,
            act: () => endSession(replica, session, 'canceled'),
          },
        ]),
  ]
}
