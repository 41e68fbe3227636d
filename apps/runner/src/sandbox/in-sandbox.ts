import { mkdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Launch } from '../agents/agent-process.ts'
import { AgentFailure } from '../agents/failure.ts'
import type { RunnerContext } from '../runner-context.ts'
import { attachedFolder } from '../turns/attached-files.ts'
import { canSandbox, sandboxed } from './bubblewrap.ts'

/**
 * How an agent, a task or a terminal is started where its workspace wants a sandbox.
 * @param of what it may write of the home folder, and where it begins
 * @throws {AgentFailure} where there is none on this machine: an agent that should be kept in one is not started without
 */
export async function inSandbox(
  context: Pick<RunnerContext, 'dataFolder' | 'worktrees' | 'sandboxOf'>,
  of: { readonly writes?: readonly string[] | undefined; readonly folder?: string },
  workspaceId: string,
  sessionId: string,
  launch: Launch,
): Promise<Launch> {
  const wanted = context.sandboxOf(workspaceId)
  if (!wanted?.on) return launch
  const worktree = await context.worktrees.find(sessionId)
  if (!worktree || !(await canSandbox()))
    throw new AgentFailure(
      'refused',
      'This workspace keeps its agents in a sandbox, and this runner cannot make one: bubblewrap is not installed there, or the system forbids it. Install it (apt install bubblewrap) and start the runner again, or switch the sandbox off in the workspace’s settings.',
    )
  const { dataFolder } = context
  const data = launch.env['COPPICE_AGENT_DATA']
  if (data) await mkdir(data, { recursive: true })
  return sandboxed(launch, {
    worktree,
    dataFolder,
    reads: [attachedFolder(dataFolder, sessionId)],
    writes: [...(data ? [data] : []), ...(of.writes ?? []).map((one) => path.join(os.homedir(), one))],
    network: wanted.network,
    folder: of.folder,
  })
}
