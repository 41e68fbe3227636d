import { coppiceCode } from './coppice-code.ts'
import { openCode } from './opencode.ts'
import type { Provider } from './provider.ts'
import { script } from './script.ts'

/** The providers there are, in the order they are offered. */
export const providers: readonly Provider[] = [coppiceCode, openCode, script]

/** Finds a provider by its id. */
export function providerById(id: string): Provider | undefined {
  return providers.find((provider) => provider.id === id)
}
