import { runnersOf, unreachable } from '@coppice/events'
import type { WorkspaceState } from '@coppice/events'
import { SealBroken } from '@coppice/protocol'
import type { QueryAnswer, QueryRequest } from '@coppice/protocol'
import { allProviders } from '../agents/providers.ts'
import type { RunnerContext } from '../runner-context.ts'
import { SecretRefused } from '../secrets/secret-store.ts'
import type { Owner } from '../secrets/secret-store.ts'

export type SecretRequest = Extract<QueryRequest, { kind: `secrets.${string}` }>

export const isSecretRequest = (request: QueryRequest): request is SecretRequest => request.kind.startsWith('secrets.')

/**
 * Sets, removes and lists secrets; each is answered with the list as it is then, never with a value.
 * @param by user id of who asks, as the server says it
 */
export async function answerSecrets(
  context: Pick<RunnerContext, 'runnerId' | 'dataFolder' | 'secrets' | 'now' | 'say'>,
  request: SecretRequest,
  workspace: WorkspaceState | undefined,
  by: string,
): Promise<QueryAnswer<'secrets.list'>> {
  const { secrets, runnerId } = context
  if (!workspace?.exists) return { ok: false, code: 'not_found', message: 'There is no such workspace.' }
  if (!runnersOf(workspace).includes(runnerId))
    return { ok: false, code: 'forbidden', message: 'This workspace belongs to another runner.' }
  const id = request.scope === 'runner' ? runnerId : workspace.workspaceId
  const owner: Owner = { scope: request.scope, id }
  try {
    switch (request.kind) {
      case 'secrets.list':
        break
      case 'secrets.set':
        await secrets.set(owner, request.name, request.sealed, by, context.now())
        break
      case 'secrets.remove':
        await secrets.remove(owner, request.name)
        break
      default:
        unreachable(request)
    }
  } catch (error) {
    if (error instanceof SecretRefused || error instanceof SealBroken)
      return { ok: false, code: 'refused', message: error.message }
    const why = error instanceof Error ? error.message : String(error)
    context.say(`A secret was not stored: ${why}`)
    return { ok: false, code: 'failed', message: `The runner could not store it: ${why}. What was there stays.` }
  }
  const all = await allProviders(context.dataFolder)
  const keys = Object.fromEntries(all.map((provider) => [provider.id, [...provider.keys]]))
  return { ok: true, sealKey: secrets.sealKey, runnerId, secrets: secrets.shown(owner), keys }
}
