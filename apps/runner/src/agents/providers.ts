import { cliProvider } from './cli-provider.ts'
import { coppiceCode } from './coppice-code.ts'
import { ownProviders } from './own-providers.ts'
import type { Provider } from './provider.ts'
import { recipes } from './recipes.ts'
import { script } from './script.ts'

/** Those that are known by name, in the order they are offered. */
const known: readonly Provider[] = [coppiceCode, ...recipes.map((recipe) => cliProvider(recipe)), script]
const knownIds = new Set(known.map(({ id }) => id))

/** All providers of a runner: those known by name, and those of its own settings. */
export async function allProviders(dataFolder: string): Promise<readonly Provider[]> {
  return [...known, ...(await ownProviders(dataFolder, knownIds))]
}

/** Finds a provider by its id. Settings are read anew: what was added needs no restart to be used. */
export async function providerById(id: string, dataFolder: string): Promise<Provider | undefined> {
  return (
    known.find((provider) => provider.id === id) ??
    (await ownProviders(dataFolder, knownIds)).find((one) => one.id === id)
  )
}
