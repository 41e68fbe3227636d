import { AgentFailure } from './failure.ts'
import { askCommand, findCommand } from './find-command.ts'
import { keysIn } from './keys-in.ts'
import { ProbeResults } from './probe-results.ts'
import type { Provider, ProviderState } from './provider.ts'
import type { Recipe } from './recipe.ts'

/** A first start makes databases, and a busy machine takes its time. */
const detectWithinMs = 60_000
const mostModels = 100

/** A provider from its recipe. Its own configuration and keys are used; the recipe only adds to them. */
export function cliProvider(recipe: Recipe): Provider {
  // Some make a database at their first start, and two at once on a new machine trip over each other. So first one looks.
  let looking: Promise<unknown> = Promise.resolve()
  return {
    id: recipe.id,
    name: recipe.name,
    quirks: recipe.quirks,
    keys: recipe.keys,
    writes: recipe.writes,
    ...(recipe.commandFolders && { commandFolders: recipe.commandFolders }),
    detect(env, dataFolder) {
      const found = look(recipe, env, dataFolder).catch((error: unknown) => wentWrong(recipe, error))
      looking = found
      return found
    },
    async launch(env) {
      await looking
      const command = await binary(recipe, env)
      if (!command)
        throw new AgentFailure('not_installed', `${recipe.name} is not installed on this runner. ${missing(recipe)}`)
      return { command, args: recipe.args, env: environment(recipe, env) }
    },
  }
}

/** One provider that cannot be looked at must not keep the others from being told. */
function wentWrong({ id, name }: Recipe, error: unknown): ProviderState {
  const why = error instanceof Error ? error.message : String(error)
  const reason = `The runner could not look whether ${name} works: ${why}`
  return { id, name, version: '', models: [], available: false, reason }
}

function missing({ install, binaryVariable }: Recipe): string {
  return `${install}, or name its binary in ${binaryVariable}; then start the runner again.`
}

function binary({ command, binaryVariable }: Recipe, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return findCommand(env[binaryVariable] ?? command, env)
}

async function look(recipe: Recipe, env: NodeJS.ProcessEnv, dataFolder: string): Promise<ProviderState> {
  const { id, name, versionArgs, modelsArgs, signIn } = recipe
  const state = { id, name, version: '', models: [], available: false }
  const command = await binary(recipe, env)
  if (!command) return { ...state, reason: `${name} is not installed. ${missing(recipe)}` }
  const added = { ...keysIn(env, recipe.keys), ...environment(recipe, env) }
  const version = versionArgs ? await askCommand(command, versionArgs, added, detectWithinMs) : ''
  if (version === undefined)
    return {
      ...state,
      reason: `${command} was found but does not start. Run "${command} ${versionArgs?.join(' ')}" to see why.`,
    }
  const known = { ...state, version: (version.split('\n').at(-1) ?? '').trim().slice(0, 80) }
  if (modelsArgs) {
    const said = await askCommand(command, modelsArgs, added, detectWithinMs)
    if (said === undefined)
      return {
        ...known,
        reason: `${name} did not list its models. Run "${command} ${modelsArgs.join(' ')}" to see why, then start the runner again.`,
      }
    const list = linesOf(said)
    return list.length > 0
      ? { ...known, models: list, available: true, reason: '' }
      : { ...known, reason: `${name} has no model set up. ${signIn}, then start the runner again.` }
  }
  const probe = await new ProbeResults(dataFolder).of(
    id,
    { command, args: recipe.args, env: added },
    recipe.quirks,
    known.version,
  )
  if (probe.failure === undefined)
    return {
      ...known,
      version: known.version || probe.version.slice(0, 80),
      models: probe.models.slice(0, mostModels),
      available: true,
      reason: '',
    }
  const reason =
    probe.failure.code === 'sign_in'
      ? `${name} is not signed in. ${signIn}, then start the runner again.`
      : `${name} does not work here. ${probe.failure.message}`
  return { ...known, reason }
}

function linesOf(said: string): ProviderState['models'] {
  return said
    .split('\n')
    .flatMap((line) => (/^[\w.-]+\/\S+$/.test(line.trim()) ? [line.trim()] : []))
    .slice(0, mostModels)
    .map((id) => ({ id, name: id }))
}

function environment({ env: added, settings }: Recipe, env: NodeJS.ProcessEnv): Record<string, string> {
  const merged = settings?.variables.map((variable) => [
    variable,
    JSON.stringify({ ...ownSettings(env[variable]), ...settings.values }),
  ])
  return { ...added, ...Object.fromEntries(merged ?? []) } as Record<string, string>
}

/** The user's settings, where they came by environment; what is not JSON is left out. */
function ownSettings(text = '{}'): Record<string, unknown> {
  try {
    const settings: unknown = JSON.parse(text)
    return typeof settings === 'object' && settings !== null ? { ...settings } : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}
