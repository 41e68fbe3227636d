import type { SessionConfigOption, SessionModeState } from '@agentclientprotocol/sdk/unstable'
import type { ModelEntry } from '../model/entry.ts'
import { modes } from '../session/modes.ts'
import type { Mode } from '../session/modes.ts'

/** What can be chosen for a session: model and mode. */
export function configOptions(model: ModelEntry, mode: Mode, models: readonly ModelEntry[]): SessionConfigOption[] {
  const listed = models.some((one) => one.id === model.id) ? models : [model, ...models]
  return [
    {
      id: 'model',
      name: 'Model',
      category: 'model',
      type: 'select',
      currentValue: model.id,
      options: listed.map(({ id, name }) => ({ value: id, name })),
    },
    {
      id: 'mode',
      name: 'Mode',
      category: 'mode',
      type: 'select',
      currentValue: mode,
      options: modes.map(({ id, name, description }) => ({ value: id, name, description })),
    },
  ]
}

export function modeState(mode: Mode): SessionModeState {
  return { currentModeId: mode, availableModes: modes.map((one) => ({ ...one })) }
}
