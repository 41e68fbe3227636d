import { workspaceLog } from '@coppice/events'
import { canSeal, seal, sealContext, type QueryAnswer, type SecretScope } from '@coppice/protocol'
import type { Replica } from '@coppice/replica'

/** Whose secrets: a workspace's, or those of its runner. */
export interface SecretsOf {
  readonly workspaceId: string
  readonly scope: SecretScope
}

export type SecretList = QueryAnswer<'secrets.list'>

export const listSecrets = (replica: Replica, { workspaceId, scope }: SecretsOf): Promise<SecretList> =>
  replica.query(workspaceLog(workspaceId), { kind: 'secrets.list', scope })

export const removeSecret = (replica: Replica, { workspaceId, scope }: SecretsOf, name: string): Promise<SecretList> =>
  replica.query(workspaceLog(workspaceId), { kind: 'secrets.remove', scope, name })

/** Seals a value for the runner and sends it there. It is kept nowhere on the way, and not on this device. */
export async function setSecret(replica: Replica, of: SecretsOf, name: string, value: string): Promise<SecretList> {
  if (!canSeal())
    return {
      ok: false,
      code: 'insecure',
      message:
        'This page was loaded over plain http from another machine, where browsers do not encrypt. Open Coppice over https, or on the machine it runs on.',
    }
  const known = await listSecrets(replica, of)
  if (!known.ok) return known
  const owner = of.scope === 'runner' ? known.runnerId : of.workspaceId
  const sealed = await seal(known.sealKey, value, sealContext(of.scope, owner, name))
  return replica.query(workspaceLog(of.workspaceId), { kind: 'secrets.set', scope: of.scope, name, sealed })
}
