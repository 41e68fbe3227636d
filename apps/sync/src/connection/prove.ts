import { consistencyProof, hashText, inclusionProof } from '@coppice/events'
import type { FromClient, ProofAnswer } from '@coppice/protocol'
import type { LogTree } from '../proof/log-tree.ts'

/** Answers a question for proof from a log's tree. */
export async function prove(
  { id, size, earlier, positions }: Extract<FromClient, { t: 'prove' }>,
  log: { readonly log: string; readonly head: number },
  tree: LogTree,
): Promise<ProofAnswer> {
  const largest = Math.max(earlier ?? 0, ...(positions ?? []))
  if (size > log.head || largest > size)
    return { t: 'proof', id, problem: `Log ${log.log} has ${log.head} events: there is no such proof.` }
  const { consistency, inclusion } = await tree.compute(size, (subtree) => ({
    consistency: earlier === undefined ? undefined : consistencyProof(earlier, size, subtree),
    inclusion: positions?.map((position) => inclusionProof(position - 1, size, subtree)),
  }))
  return {
    t: 'proof',
    id,
    ...(consistency && { consistency: consistency.map(hashText) }),
    ...(inclusion && { inclusion: inclusion.map((path) => path.map(hashText)) }),
  }
}
