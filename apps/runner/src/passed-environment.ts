import path from 'node:path'
import { fileURLToPath } from 'node:url'

const OURS = ['COPPICE_', 'OTEL_EXPORTER_OTLP_', 'npm_']
const ownRoot = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * The runner's environment for what it starts (agents, git): without Coppice's own variables and secrets (the
 * collector of traces and its key are ours), without those of the package manager, and without Coppice's own tools on the PATH: a session's `node` and `tsc` are the user's.
 */
export function passedEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const passed: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || OURS.some((prefix) => name.startsWith(prefix))) continue
    passed[name] = name === 'PATH' ? withoutOwnTools(value) : value
  }
  return passed
}

function withoutOwnTools(list: string): string {
  const own = (folder: string): boolean => folder.startsWith(ownRoot) && folder.includes('node_modules')
  return list
    .split(path.delimiter)
    .filter((folder) => !own(path.resolve(folder)))
    .join(path.delimiter)
}
