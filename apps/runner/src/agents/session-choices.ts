import { methods } from '@agentclientprotocol/sdk/unstable'
import type { SessionConfigOption } from '@agentclientprotocol/sdk/unstable'
import type { Quirks } from './recipe.ts'

type Choice = { readonly id: string; readonly name: string }

/** What an agent lets one choose for a session, however it says so. */
export type SessionChoices = {
  readonly models: readonly Choice[]
  readonly model: string
  /** How the model is set: as an option with this id, or in the older way. */
  readonly modelOption: string | undefined
  readonly modes: readonly Choice[]
  readonly mode: string
  readonly modeOption: string | undefined
}

/** Reads the answer to session/new, resume or load: options by category, else the older `models` and `modes`. */
export function choicesIn(answer: object): SessionChoices {
  const { configOptions, models, modes } = answer as {
    configOptions?: SessionConfigOption[] | null
    models?: { availableModels?: { modelId: string; name?: string }[]; currentModelId?: string } | null
    modes?: { availableModes?: { id: string; name?: string }[]; currentModeId?: string } | null
  }
  const modelOption = selectOf(configOptions, 'model')
  const modeOption = selectOf(configOptions, 'mode')
  return {
    models:
      modelOption?.choices ??
      models?.availableModels?.map(({ modelId, name }) => ({ id: modelId, name: name ?? modelId })) ??
      [],
    model: modelOption?.current ?? models?.currentModelId ?? '',
    modelOption: modelOption?.id,
    modes: modeOption?.choices ?? modes?.availableModes?.map(({ id, name }) => ({ id, name: name ?? id })) ?? [],
    mode: modeOption?.current ?? modes?.currentModeId ?? '',
    // Where both are there, the mode's own request is the one that all know.
    modeOption: modes ? undefined : modeOption?.id,
  }
}

function selectOf(options: readonly SessionConfigOption[] | null | undefined, category: string) {
  const found = options?.find((option) => option.category === category && option.type === 'select')
  if (!found || found.type !== 'select') return undefined
  const choices = found.options.flatMap((one) => ('options' in one ? one.options : [one]))
  return {
    id: found.id,
    current: found.currentValue,
    choices: choices.map(({ value, name }) => ({ id: value.slice(0, 200), name: name.slice(0, 200) })),
  }
}

/** The request that puts a session into a mode, in the agent's way; undefined where the agent has no such mode. */
export function modeSetting(
  { modes, modeOption }: SessionChoices,
  sessionId: string,
  mode: string,
): { readonly method: string; readonly params: unknown } | undefined {
  if (!modes.some(({ id }) => id === mode)) return undefined
  return modeOption === undefined
    ? { method: methods.agent.session.setMode, params: { sessionId, modeId: mode } }
    : { method: methods.agent.session.setConfigOption, params: { sessionId, configId: modeOption, value: mode } }
}

/** The mode in which an agent works and asks: that of its recipe, else the one it began in, unless that only reads. */
export function usualMode({ mode, modes }: SessionChoices, { askMode }: Quirks): string {
  if (askMode !== undefined && modes.some(({ id }) => id === askMode)) return askMode
  if (mode !== 'plan' && mode !== 'strict') return mode
  const names = ['default', 'manual', 'ask', 'build']
  return modes.find(({ id }) => names.includes(id))?.id ?? mode
}

/** The requests that set model and mode where a session did not begin in them, in each agent's way. */
export function settingsFor(
  choices: SessionChoices,
  sessionId: string,
  model: string,
  { askMode }: Quirks,
): readonly { readonly what: string; readonly method: string; readonly params: unknown }[] {
  const option = (configId: string, value: string) => ({
    what: 'set_config_option',
    method: methods.agent.session.setConfigOption,
    params: { sessionId, configId, value },
  })
  const settings = []
  if (model !== '' && model !== choices.model && choices.models.length > 0)
    settings.push(
      choices.modelOption !== undefined
        ? option(choices.modelOption, model)
        : { what: 'set_model', method: 'session/set_model', params: { sessionId, modelId: model } },
    )
  if (askMode !== undefined && askMode !== choices.mode && choices.modes.some(({ id }) => id === askMode))
    settings.push(
      choices.modeOption !== undefined
        ? option(choices.modeOption, askMode)
        : { what: 'set_mode', method: methods.agent.session.setMode, params: { sessionId, modeId: askMode } },
    )
  return settings
}
