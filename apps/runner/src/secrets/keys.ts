import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { makeSealKeys } from '@coppice/protocol'
import type { SealKeys } from '@coppice/protocol'
import { readIfThere, writePrivate } from './private-file.ts'

const storeKeyBytes = 32

/** The keys of a runner: what its secrets are encrypted with on disk, and what pages seal values with. Made at first use. */
export type RunnerKeys = { readonly store: Buffer; readonly seal: SealKeys }

/** @throws where a key file is there and damaged: a new one would make every secret unreadable without a word. */
export async function runnerKeys(folder: string): Promise<RunnerKeys> {
  const file = path.join(folder, 'secrets.key')
  const known = await readIfThere(file)
  if (known === undefined) {
    const keys = { store: randomBytes(storeKeyBytes), seal: await makeSealKeys() }
    await writePrivate(file, `${JSON.stringify({ store: keys.store.toString('base64'), seal: keys.seal })}\n`)
    return keys
  }
  const found = parse(known)
  if (!found)
    throw new Error(
      `${file} is damaged. Put it back from a backup, or remove it and set the secrets of this runner anew.`,
    )
  return found
}

function parse(text: string): RunnerKeys | undefined {
  try {
    const { store, seal } = JSON.parse(text) as { store: string; seal: SealKeys }
    const bytes = Buffer.from(store, 'base64')
    const whole =
      bytes.length === storeKeyBytes && typeof seal.publicKey === 'string' && typeof seal.privateKey === 'string'
    return whole ? { store: bytes, seal } : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}
