import ignore from 'ignore'
import { hookSkipped, hooksOf } from '@coppice/events'
import type { HookEvent, ObservationData, SessionState, WorkspaceHook, WorkspaceState } from '@coppice/events'
import { changedFiles } from '../checkpoints/changed-files.ts'
import { wholeTree } from '../checkpoints/temporary-index.ts'
import { derivedId } from '../derived-id.ts'
import type { Worktree } from '../git/worktree.ts'

/** Which hooks run at an event of a session, and why the others do not; all of it as of one tree. */
export async function chooseHooks(
  event: HookEvent,
  at: number,
  session: SessionState,
  workspace: WorkspaceState,
  worktree: Worktree,
  now: number,
): Promise<Omit<ObservationData<'hooks.begun'>, 'turnId'>> {
  const roundId = derivedId(session.sessionId, 'hooks', event, at)
  const tree = await wholeTree(worktree.path)
  const runs: { runId: string; hookId: string; name: string }[] = []
  const skipped: { hookId: string; name: string; why: string }[] = []
  let paths: Promise<readonly string[]> | undefined
  const changed = (): Promise<readonly string[]> => (paths ??= changedPaths(worktree, tree))
  for (const hook of hooksOf(event, session, workspace.hooks, at)) {
    const { hookId, name } = hook
    const why =
      (workspace.hooks && hookSkipped(hook, session, workspace.hooks, now)) ??
      (event === 'init' ? undefined : await filesLackFor(hook, changed))
    if (why === undefined) runs.push({ runId: derivedId(roundId, hookId), hookId, name })
    else skipped.push({ hookId, name, why })
  }
  return { roundId, event, tree, runs, skipped }
}

async function filesLackFor(
  { files }: WorkspaceHook,
  changed: () => Promise<readonly string[]>,
): Promise<string | undefined> {
  if (files.length === 0) return undefined
  const filter = ignore().add([...files])
  return (await changed()).some((path) => filter.ignores(path))
    ? undefined
    : 'No file that its file filter names has changed since the branch point.'
}

/** Files that differ from the branch point, under their old names too. */
async function changedPaths({ path, baseCommit }: Worktree, tree: string): Promise<readonly string[]> {
  const files = await changedFiles(path, `${baseCommit}^{tree}`, tree)
  return files.flatMap((file) => (file.from === undefined ? [file.path] : [file.path, file.from]))
}
