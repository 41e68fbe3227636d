import { INSTANCE_LOG, newId, WORKSPACE_STREAM, workspaceLog } from '@coppice/events'
import { queryAnswerSchemas } from '@coppice/protocol'
import { Problem } from '../problem.ts'
import { Remote } from '../remote.ts'

const RUNNER_WITHIN_MS = 15_000

/** Adds a repository as a workspace, unless one with that path is there already. @throws {Problem} if the runner says why not. */
export async function addRepository(server: { url: string; ownerToken: string }, path: string): Promise<void> {
  const remote = await connectedToRunner(server)
  try {
    const runnerId = remote.welcome.runnersOnline[0]
    if (!runnerId) throw new Problem('No runner is connected, so the repository cannot be looked at.')
    const inspected = queryAnswerSchemas['repository.inspect'].parse(
      await remote.query(INSTANCE_LOG, { kind: 'repository.inspect', source: { kind: 'path', path } }, runnerId),
    )
    if (!inspected.ok) throw new Problem(inspected.message)
    if (await isAdded(remote, inspected.source)) return
    const workspaceId = newId()
    await remote.command({ log: workspaceLog(workspaceId), stream: WORKSPACE_STREAM }, 'workspace.create', {
      workspaceId,
      name: inspected.name,
      source: inspected.source,
      runnerId,
      starterBranch: inspected.starterBranch,
      creatorName: remote.welcome.principal.name,
    })
  } finally {
    remote.close()
  }
}

/** The runner connects on its own; it is there a moment after the server. */
async function connectedToRunner(server: { url: string; ownerToken: string }): Promise<Remote> {
  const deadline = Date.now() + RUNNER_WITHIN_MS
  for (;;) {
    const remote = await Remote.connect(server)
    if (remote.welcome.runnersOnline.length > 0 || Date.now() > deadline) return remote
    remote.close()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function isAdded(remote: Remote, source: unknown): Promise<boolean> {
  for (const { log, head } of remote.welcome.logs) {
    if (!log.startsWith('workspace:')) continue
    for await (const events of remote.events(log, Math.min(head, 1))) {
      if (
        events.some(
          (event) =>
            event.type === 'workspace.created' && JSON.stringify(event.data['source']) === JSON.stringify(source),
        )
      )
        return true
    }
  }
  return false
}
