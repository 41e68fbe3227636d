import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { LIMITS } from '@coppice/events'
import { sealContext, unseal } from '@coppice/protocol'
import type { SecretScope, ShownSecret } from '@coppice/protocol'
import { z } from 'zod'
import { safeId } from '../git/worktree.ts'
import { decrypt, encrypt } from './box.ts'
import { shortestSecret } from './forms.ts'
import { runnerKeys } from './keys.ts'
import type { RunnerKeys } from './keys.ts'
import { readIfThere, writePrivate } from './private-file.ts'

/** Whose secrets: a workspace's, or this runner's own. */
export type Owner = { readonly scope: SecretScope; readonly id: string }

const entrySchema = z.object({ name: z.string(), at: z.number(), by: z.string(), length: z.number(), box: z.string() })
const fileSchema = z.object({ secrets: z.array(entrySchema) })
type Entry = z.infer<typeof entrySchema> & { readonly value: string | undefined }

/** A secret cannot be set; the message says why. */
export class SecretRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SecretRefused'
  }
}

/**
 * The secrets of a runner: encrypted in its data folder, each under its owner and name, with a key in a file beside them that
 * only this user may read. They go into the environment of agents, and nowhere else.
 */
export class SecretStore {
  readonly #folder: string
  readonly #keys: RunnerKeys
  readonly #learned: (values: readonly string[]) => void
  readonly #owners = new Map<string, Map<string, Entry>>()
  readonly #versions = new Map<string, number>()
  /** One change after the other. */
  #last: Promise<unknown> = Promise.resolve()

  private constructor(folder: string, keys: RunnerKeys, learned: (values: readonly string[]) => void) {
    this.#folder = folder
    this.#keys = keys
    this.#learned = learned
  }

  /** @param learned told of every value that there is, before anything else can be: from then on it is redacted */
  static async open(dataFolder: string, learned: (values: readonly string[]) => void): Promise<SecretStore> {
    const folder = path.join(dataFolder, 'secrets')
    const store = new SecretStore(folder, await runnerKeys(folder), learned)
    const files = await readdir(folder)
    for (const file of files) if (file.endsWith('.json')) await store.#read(file)
    return store
  }

  /** What pages seal values with. */
  get sealKey(): string {
    return this.#keys.seal.publicKey
  }

  /** All that may be told of them. */
  shown(owner: Owner): ShownSecret[] {
    const all = [...(this.#owners.get(keyOf(owner))?.values() ?? [])].toSorted((a, b) => a.name.localeCompare(b.name))
    return all.map(({ name, at, by, length, value }) => ({
      name,
      at,
      by,
      length: length > 64 ? 'more than 64' : length > 16 ? '17 to 64' : '8 to 16',
      unreadable: value === undefined,
    }))
  }

  /** The runner's own, for looking whether providers work and for every session. */
  runnerEnvironment(): Record<string, string> {
    return this.#values('runner')
  }

  /** What agents of a workspace get in their environment; its own come before the runner's. */
  environment(workspaceId: string): Record<string, string> {
    return { ...this.#values('runner'), ...this.#values(keyOf({ scope: 'workspace', id: workspaceId })) }
  }

  /** Changes with every change of what {@link environment} gives: an agent of an older one is started anew. */
  version(workspaceId: string): string {
    const of = (key: string): number => this.#versions.get(key) ?? 0
    return `${of('runner')}.${of(keyOf({ scope: 'workspace', id: workspaceId }))}`
  }

  /**
   * Sets a secret from what a page sealed.
   * @throws {SecretRefused} @throws {SealBroken}
   */
  async set(owner: Owner, name: string, sealed: string, by: string, at: number): Promise<void> {
    const value = await unseal(this.#keys.seal, sealed, sealContext(owner.scope, owner.id, name))
    if (value.trim().length < shortestSecret)
      throw new SecretRefused(
        `A secret needs at least ${shortestSecret} characters: a shorter one cannot be told from other text, so it could not be kept out of conversations. Nothing was changed.`,
      )
    if (Buffer.byteLength(value) > LIMITS.secretBytes)
      throw new SecretRefused(`A secret has at most ${LIMITS.secretBytes / 1024} KiB. Nothing was changed.`)
    if (value.includes('\0')) throw new SecretRefused('An environment variable cannot hold a NUL. Nothing was changed.')
    this.#learned([value])
    await this.#change(owner, (entries) => {
      if (!entries.has(name) && entries.size >= LIMITS.secrets)
        throw new SecretRefused(`There are ${LIMITS.secrets} secrets already. Remove one first.`)
      const box = encrypt(this.#keys.store, value, belongsTo(owner, name))
      entries.set(name, { name, at, by, length: value.length, box, value })
    })
  }

  async remove(owner: Owner, name: string): Promise<void> {
    await this.#change(owner, (entries) => void entries.delete(name))
  }

  #values(key: string): Record<string, string> {
    const all = [...(this.#owners.get(key)?.values() ?? [])]
    return Object.fromEntries(all.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])))
  }

  #change(owner: Owner, act: (entries: Map<string, Entry>) => void): Promise<void> {
    const change = async (): Promise<void> => {
      const key = keyOf(owner)
      const entries = new Map(this.#owners.get(key))
      act(entries)
      const secrets = [...entries.values()].map(({ value: _value, ...kept }) => kept)
      await writePrivate(path.join(this.#folder, `${key}.json`), `${JSON.stringify({ secrets })}\n`)
      this.#owners.set(key, entries)
      this.#versions.set(key, (this.#versions.get(key) ?? 0) + 1)
    }
    const changed = this.#last.then(change, change)
    this.#last = changed
    return changed
  }

  async #read(file: string): Promise<void> {
    const text = (await readIfThere(path.join(this.#folder, file))) ?? ''
    const found = parse(text)
    if (!found)
      throw new Error(
        `${path.join(this.#folder, file)} is damaged. Put it back from a backup, or remove it and set those secrets anew.`,
      )
    const key = file.slice(0, -'.json'.length)
    const entries = found.secrets.map((entry) => {
      const value = decrypt(this.#keys.store, entry.box, `${key} ${entry.name}`)
      return [entry.name, { ...entry, value }] as const
    })
    this.#learned(entries.flatMap(([, { value }]) => (value === undefined ? [] : [value])))
    this.#owners.set(key, new Map(entries))
  }
}

/** The runner's own are not named after it: its id may change with a new token, its data folder does not. */
const keyOf = ({ scope, id }: Owner): string => (scope === 'runner' ? 'runner' : `workspace-${safeId(id)}`)
const belongsTo = (owner: Owner, name: string): string => `${keyOf(owner)} ${name}`

function parse(text: string): z.infer<typeof fileSchema> | undefined {
  try {
    return fileSchema.safeParse(JSON.parse(text)).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
