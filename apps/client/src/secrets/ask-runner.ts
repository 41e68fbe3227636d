import { workspaceLog } from '@coppice/events'
import { canSeal, seal, sealContext, type QueryAnswer, type SecretScope } from '@coppice/protocol'
import type { Replica } from '@coppice/replica'

/** Whose secrets: a workspace's, or those of its runner. */
export interface SecretsOf {
  readonly workspaceId: string
  readonly scope: SecretScope
  /** A runner that stands in for the workspace's own, which has its own copies. */
  readonly standIn?: string
  /** Stand-ins that get and lose a secret, too; one that is not there lacks it, or still has it, which the settings tell. */
  readonly alsoTo?: readonly string[]
}

export type SecretList = QueryAnswer<'secrets.list'>

export const listSecrets = (replica: Replica, { workspaceId, scope, standIn }: SecretsOf): Promise<SecretList> =>
  replica.query(workspaceLog(workspaceId), { kind: 'secrets.list', scope }, standIn)

export async function removeSecret(replica: Replica, of: SecretsOf, name: string): Promise<SecretList> {
  const request = { kind: 'secrets.remove' as const, scope: of.scope, name }
  const removed = (runnerId?: string) => replica.query(workspaceLog(of.workspaceId), request, runnerId)
  const answer = await removed(of.standIn)
  if (answer.ok) await Promise.all((of.alsoTo ?? []).map((standIn) => removed(standIn)))
  return answer
}

/** Seals a value for the runner and sends it there. It is kept nowhere on the way, and not on this device. */
export async function setSecret(replica: Replica, of: SecretsOf, name: string, value: string): Promise<SecretList> {
  if (!canSeal())
    return {
      ok: false,
      code: 'insecure',
      message:
        'This page was loaded over plain http from another machine, where browsers do not encrypt. Open Coppice over https, or on the machine it runs on.',
    }
  const answer = await sealAndSend(replica, of, name, value)
  if (answer.ok)
    await Promise.all((of.alsoTo ?? []).map((standIn) => sealAndSend(replica, { ...of, standIn }, name, value)))
  return answer
}

/** Each runner has a key of its own that values are sealed with. */
async function sealAndSend(replica: Replica, of: SecretsOf, name: string, value: string): Promise<SecretList> {
  const known = await listSecrets(replica, of)
  if (!known.ok) return known
  const owner = of.scope === 'runner' ? known.runnerId : of.workspaceId
  const sealed = await seal(known.sealKey, value, sealContext(of.scope, owner, name))
  return replica.query(workspaceLog(of.workspaceId), { kind: 'secrets.set', scope: of.scope, name, sealed }, of.standIn)
}

/** What a runner that stands in has beside the workspace's own; `undefined` of one that does not answer. */
export interface StandInHas {
  readonly runnerId: string
  readonly secrets: { readonly lacks: readonly string[]; readonly keeps: readonly string[] } | undefined
}

/** What each stand-in of a workspace lacks of the secrets that its own runner has, and keeps of those that this one has not. */
export async function standInSecrets(
  replica: Replica,
  workspaceId: string,
  standIns: readonly string[],
  known: readonly string[],
): Promise<readonly StandInHas[]> {
  const lists = standIns.map((standIn) => listSecrets(replica, { workspaceId, scope: 'workspace', standIn }))
  return (await Promise.all(lists)).map((list, i) => {
    const runnerId = standIns[i] ?? ''
    if (!list.ok) return { runnerId, secrets: undefined }
    const readable = new Set(list.secrets.filter(({ unreadable }) => !unreadable).map(({ name }) => name))
    const lacks = known.filter((name) => !readable.has(name))
    const keeps = list.secrets.flatMap(({ name }) => (known.includes(name) ? [] : [name]))
    return { runnerId, secrets: { lacks, keeps } }
  })
}
