import type { WorkspaceState } from '@coppice/events'
import { inspectRepository, RepositoryRefused, branchCommit } from '../git/repository.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import { openSource, sourceName } from './repositories.ts'

/** Looks at the repository of a new workspace (clones it, if need be) and tells what is there. */
export async function prepareRepository(
  context: RunnerContext,
  address: Address,
  workspace: WorkspaceState,
  cause: Cause,
): Promise<void> {
  try {
    const repository = await openSource(context, workspace.source)
    const { branches, starterBranch } = await inspectRepository(
      repository,
      sourceName(workspace.source, context.dataFolder),
    )
    const chosen = workspace.starterBranch || starterBranch
    const head = await branchCommit(repository, chosen)
    if (!head)
      throw new RepositoryRefused(
        'branch_missing',
        `There is no branch "${chosen}" in the repository. It has: ${branches.slice(0, 10).join(', ')}.`,
      )
    await context.observe(
      address,
      'workspace.repositoryReady',
      { starterBranch: chosen, branches: sessionBases(branches), head },
      cause,
      'ready',
    )
  } catch (error) {
    if (!(error instanceof RepositoryRefused))
      context.say(error instanceof Error ? (error.stack ?? error.message) : String(error))
    const code = error instanceof RepositoryRefused ? error.code : 'failed'
    const message = error instanceof Error ? error.message : String(error)
    await context.observe(
      address,
      'workspace.repositoryFailed',
      { code, message: context.redaction.text(message).slice(0, 8_000) },
      cause,
      'failed',
    )
  }
}

/** The branches to start from; the branches of sessions are left out. */
export function sessionBases(branches: readonly string[]): string[] {
  return branches.filter((name) => !name.startsWith('coppice/')).slice(0, 500)
}
