import { fileURLToPath } from 'node:url'
import path from 'node:path'
import type { Launch } from './agent-process.ts'
import { askCommand } from './find-command.ts'
import { keysIn } from './keys-in.ts'
import type { Provider, ProviderState } from './provider.ts'

const detectWithinMs = 20_000
const main = fileURLToPath(new URL('../../../agent/src/main.ts', import.meta.url))

const keys = ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_API_KEY', 'OPENAI_BASE_URL']

/** Coppice's own agent (apps/agent, docs/coppice-code.md): a process like every other one. */
export const coppiceCode: Provider = {
  id: 'coppice-code',
  name: 'Coppice Code',
  quirks: {},
  keys,
  async detect(env) {
    const state = { id: 'coppice-code', name: 'Coppice Code', version: '', models: [] }
    const said = await askCommand(
      process.execPath,
      [main, '--models'],
      { ...keysIn(env, keys), ...settings(env) },
      detectWithinMs,
    )
    const found = readFound(said)
    if (!found) return { ...state, available: false, reason: 'Coppice Code did not start. Is this a whole checkout?' }
    const { version, models, problems } = found
    if (models.length > 0) return { ...state, version, models, available: true, reason: '' }
    return { ...state, version, available: false, reason: problems.join(' ') }
  },
  launch: (env, dataFolder) =>
    Promise.resolve({
      command: process.execPath,
      args: [main],
      env: { ...settings(env), COPPICE_AGENT_DATA: path.join(dataFolder, 'coppice-code') },
    } satisfies Launch),
}

/** Coppice's own variables are not passed on; these are meant for it. */
function settings(env: NodeJS.ProcessEnv): Record<string, string> {
  const own = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && name.startsWith('COPPICE_CODE_') ? [[name, value]] : [],
  )
  return Object.fromEntries(own) as Record<string, string>
}

type Found = Pick<ProviderState, 'version' | 'models'> & { readonly problems: readonly string[] }

function readFound(said: string | undefined): Found | undefined {
  try {
    return said === undefined ? undefined : (JSON.parse(said) as Found)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
