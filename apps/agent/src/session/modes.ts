import type { Effect } from '../tools/tool.ts'

/** How far the agent goes without asking. */
export const modes = [
  { id: 'manual', name: 'Manual', description: 'Asks before it writes, edits or runs' },
  { id: 'auto', name: 'Auto', description: 'Works without asking' },
  { id: 'plan', name: 'Plan', description: 'Reads only, and makes a plan' },
  { id: 'strict', name: 'Strict', description: 'Asks before every step, reads too' },
] as const
export type Mode = (typeof modes)[number]['id']

export function modeOf(id: string): Mode | undefined {
  return modes.find((mode) => mode.id === id)?.id
}

/** What becomes of a call: it goes on, a person is asked, or the mode forbids it. */
export function verdictOn(mode: Mode, effect: Effect, outside: boolean): 'go' | 'ask' | 'forbidden' {
  if (effect === 'plan') return 'go'
  if (mode === 'plan') return effect === 'read' ? (outside ? 'ask' : 'go') : 'forbidden'
  if (mode === 'strict') return 'ask'
  // What lies outside is not the session's: even Auto asks, and whoever runs it decides.
  if (effect === 'read') return outside ? 'ask' : 'go'
  return mode === 'auto' ? 'go' : 'ask'
}
