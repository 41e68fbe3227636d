import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Launch } from '../agents/agent-process.ts'
import type { Worktree } from '../git/worktree.ts'

/** Our own agents run from here. */
const ownRoot = fileURLToPath(new URL('../../../..', import.meta.url))
const lookMs = 5_000
let looked: Promise<boolean> | undefined

/** Whether agents can be kept in a sandbox here: bubblewrap is there, and the system lets it work. Asked once. */
export function canSandbox(): Promise<boolean> {
  looked ??= promisify(execFile)(
    'bwrap',
    ['--ro-bind', '/', '/', '--unshare-pid', '--dev', '/dev', '--proc', '/proc', 'true'],
    {
      timeout: lookMs,
    },
  ).then(
    () => true,
    // Not installed, or user namespaces are forbidden.
    () => false,
  )
  return looked
}

/** What a sandboxed agent may do beside reading. */
export type SandboxRoom = {
  readonly worktree: Worktree
  /** The runner's data folder: hidden, but for what is named here. */
  readonly dataFolder: string
  /** Folders and files that it may write beside its worktree: its own settings and sessions. */
  readonly writes: readonly string[]
  /** Of the data folder, what it may read. */
  readonly reads: readonly string[]
  readonly network: boolean
  /** Where it begins; else in its worktree. */
  readonly folder?: string | undefined
}

/**
 * Starts an agent under bubblewrap: it sees the machine read-only, and writes in its worktree, in the parts of the git folder that
 * a commit needs (not its configuration, not its hooks), in a `/tmp` of its own, and in what it was given. It sees no other
 * process. The runner's data folder, with secrets, spool and other sessions' worktrees, is not there.
 */
export function sandboxed(
  launch: Launch,
  { worktree, dataFolder, reads, writes, network, folder }: SandboxRoom,
): Launch {
  const { gitDir, home } = worktree.repository
  const own = path.join(gitDir, 'worktrees', path.basename(worktree.path))
  const needed = [
    worktree.path,
    own,
    ...['objects', 'refs', 'logs'].map((part) => path.join(gitDir, part)),
    ...writes,
  ].filter((one) => existsSync(one))
  const hidden = (one: string): boolean => under('/tmp', one) || under(dataFolder, one)
  const readable = [home, gitDir, ownRoot, ...reads].filter((one) => hidden(one) && existsSync(one))
  const program = path.isAbsolute(launch.command) && under('/tmp', launch.command) ? [path.dirname(launch.command)] : []
  const apart = '--die-with-parent --unshare-pid --unshare-ipc --unshare-uts'.split(' ')
  const view = '--ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --tmpfs'.split(' ')
  const args = [
    ...apart,
    ...(network ? [] : ['--unshare-net']),
    ...view,
    dataFolder,
    ...[...readable, ...program].flatMap((one) => ['--ro-bind', one, one]),
    ...needed.flatMap((one) => ['--bind', one, one]),
    '--chdir',
    folder ?? worktree.path,
    '--',
    launch.command,
    ...launch.args,
  ]
  return { command: 'bwrap', args, env: launch.env }
}

const under = (folder: string, file: string): boolean => file === folder || file.startsWith(folder + path.sep)
