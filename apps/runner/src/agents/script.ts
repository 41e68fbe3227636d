import { fileURLToPath } from 'node:url'
import type { Provider } from './provider.ts'

/** Coppice's own agent without a model: it runs the blocks of a message (docs/script-provider.md). */
export const script: Provider = {
  id: 'script',
  name: 'Script',
  quirks: {},
  keys: [],
  detect: () =>
    Promise.resolve({
      id: 'script',
      name: 'Script',
      available: true,
      reason: '',
      version: '1',
      models: [{ id: 'script', name: 'No model: runs the blocks of a message' }],
    }),
  launch: (env) => {
    const pace = env['COPPICE_SCRIPT_WORD_MS']
    return Promise.resolve({
      command: process.execPath,
      args: [fileURLToPath(new URL('../script-agent/main.ts', import.meta.url))],
      env: pace ? { SCRIPT_WORD_MS: pace } : {},
    })
  },
}
