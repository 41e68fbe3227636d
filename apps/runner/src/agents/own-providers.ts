import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { secretNameSchema } from '@coppice/protocol'
import { z } from 'zod'
import { cliProvider } from './cli-provider.ts'
import type { Provider } from './provider.ts'

const entrySchema = z.strictObject({
  name: z.string().min(1).max(80),
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  /** Variables that it takes a key from: the page offers to set them. */
  keys: z.array(secretNameSchema).max(10).default([]),
  /** The mode in which it asks before it changes something, where it does not begin in that. */
  askMode: z.string().optional(),
})
const fileSchema = z.record(z.string(), z.unknown())
const idPattern = /^[a-z][a-z0-9-]{0,39}$/

/** Where agents of one's own are named: docs/providers.md. */
export function ownProvidersFile(dataFolder: string): string {
  return path.join(dataFolder, 'providers.json')
}

/** Any agent that speaks the protocol, by a few lines of settings. What is wrong with them is shown as the provider's reason. */
export async function ownProviders(dataFolder: string, taken: ReadonlySet<string>): Promise<Provider[]> {
  const file = ownProvidersFile(dataFolder)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return []
  const all = fileSchema.safeParse(parsed(text))
  if (!all.success) return [broken('providers-json', `${file} cannot be read: ${problems(all.error)}`)]
  return Object.entries(all.data).map(([id, given]) => {
    if (!idPattern.test(id))
      return broken(id, `"${id}" in ${file} is no name for a provider: small letters, digits and "-", at most 40.`)
    const entry = entrySchema.safeParse(given)
    if (!entry.success) return broken(id, `"${id}" in ${file} is wrong: ${problems(entry.error)}`)
    if (taken.has(id)) return broken(`own-${id}`, `"${id}" in ${file} is the name of a known provider; choose another.`)
    const { name, command, args, env, keys, askMode } = entry.data
    return cliProvider({
      id,
      name,
      command,
      args,
      env,
      keys,
      binaryVariable: `COPPICE_${id.toUpperCase().replaceAll('-', '_')}_BIN`,
      install: `Install ${command}, or correct "command" in ${file}`,
      signIn: `Sign in with ${command}, or add its key to "env" in ${file}`,
      quirks: askMode === undefined ? {} : { askMode },
    })
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return `not JSON: ${error.message}`
    throw error
  }
}

function problems(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`).join('; ')
}

function broken(name: string, reason: string): Provider {
  const id = name.slice(0, 40)
  const state = { id, name: id, available: false, reason, version: '', models: [] }
  return {
    id,
    name: id,
    quirks: {},
    keys: [],
    detect: () => Promise.resolve(state),
    launch: () => Promise.reject(new Error(reason)),
  }
}
