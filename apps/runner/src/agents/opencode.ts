import type { Launch } from './agent-process.ts'
import { AgentFailure } from './failure.ts'
import { askCommand, findCommand } from './find-command.ts'
import type { Provider, ProviderState } from './provider.ts'

const detectWithinMs = 20_000
const mostModels = 100
const install =
  'Install it with "npm install -g opencode-ai" (https://opencode.ai), or name its binary in COPPICE_OPENCODE_BIN; then start the runner again.'

/** The OpenCode CLI. Its own configuration and keys are used; only asking before edits and commands is set for it. */
export const openCode: Provider = {
  id: 'opencode',
  name: 'OpenCode',
  detect,
  async launch(env) {
    await detecting
    const command = await binary(env)
    if (!command) throw new AgentFailure('not_installed', `OpenCode is not installed on this runner. ${install}`)
    return { command, args: ['acp'], env: environment(env) } satisfies Launch
  },
}

/** OpenCode makes its database at its first start; two at once on a new machine trip over each other. So first one looks. */
let detecting: Promise<unknown> = Promise.resolve()

function detect(env: NodeJS.ProcessEnv): Promise<ProviderState> {
  const found = look(env)
  detecting = found
  return found
}

async function look(env: NodeJS.ProcessEnv): Promise<ProviderState> {
  const state = { id: 'opencode', name: 'OpenCode', version: '', models: [] }
  const command = await binary(env)
  if (!command) return { ...state, available: false, reason: `OpenCode is not installed. ${install}` }
  const version = await askCommand(command, ['--version'], environment(env), detectWithinMs)
  const models = await askCommand(command, ['models'], environment(env), detectWithinMs)
  if (version === undefined)
    return {
      ...state,
      available: false,
      reason: `${command} was found but does not start. Run "${command} --version" to see why.`,
    }
  const list = (models ?? '').split('\n').flatMap((line) => (/^[\w.-]+\/\S+$/.test(line.trim()) ? [line.trim()] : []))
  const found = {
    ...state,
    version: version.slice(0, 80),
    models: list.slice(0, mostModels).map((id) => ({ id, name: id })),
  }
  if (list.length === 0)
    return {
      ...found,
      available: false,
      reason: 'OpenCode has no model set up. Run "opencode auth login", then start the runner again.',
    }
  return { ...found, available: true, reason: '' }
}

async function binary(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return findCommand(env['COPPICE_OPENCODE_BIN'] ?? 'opencode', env)
}

/** Settings that win over the user's own for this process only: ask first, share nothing, fetch nothing by itself. */
function environment(env: NodeJS.ProcessEnv): Record<string, string> {
  const merged = {
    ...ownConfig(env),
    autoupdate: false,
    share: 'disabled',
    permission: { edit: 'ask', bash: 'ask', webfetch: 'ask', external_directory: 'ask' },
  }
  return {
    OPENCODE_CONFIG_CONTENT: JSON.stringify(merged),
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
  }
}

/** The user's configuration, where it came by environment; one that is not JSON is left out. */
function ownConfig(env: NodeJS.ProcessEnv): Record<string, unknown> {
  try {
    const config: unknown = JSON.parse(env['OPENCODE_CONFIG_CONTENT'] ?? '{}')
    return typeof config === 'object' && config !== null ? { ...config } : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}
