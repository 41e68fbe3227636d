import { createHash } from 'node:crypto'
import { idIn, LIMITS, type Setup } from '@coppice/events'
import { AgentProcess } from '../agents/agent-process.ts'
import { derivedId } from '../derived-id.ts'
import { git } from '../git/git.ts'
import type { Worktree } from '../git/worktree.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import { inSandbox } from '../sandbox/in-sandbox.ts'

/** Where a repository says what a new worktree needs. */
const SETUP_PATH = '.coppice/setup.sh'
const longestSetupMs = 10 * 60_000
/** How much of what it prints is told, its end; and kept while it runs, characters. */
const TOLD_CHARS = 4_000
const KEPT_CHARS = 64_000

type Script = { readonly text: string; readonly sha256: string }

/** The script as it is committed where the worktree begins: a plain file, not what an agent or a link makes of it. */
async function committedScript({ path }: Worktree, commit: string): Promise<Script | undefined> {
  const [entry = ''] = (await git(path, ['ls-tree', commit, '--', SETUP_PATH])).split('\n')
  const [, blob = ''] = /^100(?:644|755) blob ([0-9a-f]+)\t/.exec(entry) ?? []
  if (blob === '') return undefined
  const text = await git(path, ['cat-file', 'blob', blob])
  return { text, sha256: createHash('sha256').update(text).digest('hex') }
}

/**
 * Tells of the script that a new worktree's commit brings, if it does. Nothing of it runs here (WS-4).
 * @param lease the change of hands that the worktree was made under: what ran on another runner did nothing for this one
 */
export async function tellSetup(
  context: RunnerContext,
  address: Address,
  worktree: Worktree,
  cause: Cause,
  lease = 0,
): Promise<void> {
  const times = lease === 0 ? [] : [String(lease)]
  const script = await committedScript(worktree, worktree.startCommit ?? worktree.baseCommit)
  if (!script) return
  if (script.text.length > LIMITS.setupScriptChars) {
    const text = `${SETUP_PATH} has more than ${LIMITS.setupScriptChars} characters and is not run: nobody could be asked about all of it.`
    const messageId = derivedId(worktree.sessionId, 'setup', 'too long', ...times)
    const data = { messageId, kind: 'system' as const, source: 'setup', text, completeness: 'whole' as const }
    return void (await context.observe(address, 'message.added', data, cause, ['setup:tooLong', ...times].join(':')))
  }
  const setupId = derivedId(worktree.sessionId, 'setup', script.sha256, ...times)
  await context.observe(
    address,
    'setup.found',
    { setupId, path: SETUP_PATH, ...script },
    cause,
    ['setup', ...times].join(':'),
  )
}

/**
 * Does what people said about a script: runs the very bytes that they trusted, in the worktree, or tells that it did not. One
 * that an earlier process of the runner had begun is not begun again.
 */
export async function runSetup(
  context: RunnerContext,
  address: Address,
  { setupId, sha256, path, state }: Setup,
  trusted: boolean,
  cause: Cause,
): Promise<void> {
  const began = context.now()
  const end = async (
    outcome: 'done' | 'failed' | 'refused',
    words: string,
    exitCode?: number | null,
  ): Promise<void> => {
    const text = context.redaction.text(words)
    const message = { messageId: derivedId(setupId, 'ended'), kind: 'system' as const, source: 'setup', text }
    await context.observe(address, 'message.added', { ...message, completeness: 'whole' }, cause, `words:${setupId}`)
    const durationMs = context.now() - began
    const ended = { setupId, outcome, durationMs, ...(exitCode !== undefined && { exitCode }) }
    await context.observe(address, 'setup.ended', ended, cause, `ended:${setupId}`)
  }
  if (state === 'running') return end('failed', `${path} was cut off by a restart of the runner. It is not run again.`)
  if (!trusted) return end('refused', `${path} was refused in this workspace and did not run.`)
  const worktree = await context.worktrees.find(idIn(address.stream))
  const script = worktree && (await committedScript(worktree, worktree.startCommit ?? worktree.baseCommit))
  if (!worktree || script?.sha256 !== sha256) return end('failed', `${path} is not there any more and did not run.`)
  await context.observe(address, 'setup.started', { setupId }, cause, `started:${setupId}`)
  try {
    const { output, exitCode, late } = await execute(context, idIn(address.log), worktree, script, setupId)
    const how = late
      ? `was ended after ${longestSetupMs / 60_000} minutes`
      : exitCode === null
        ? 'was killed'
        : `ended with ${exitCode}`
    const told = output.trim().slice(-TOLD_CHARS)
    await end(exitCode === 0 && !late ? 'done' : 'failed', `${path} ${how}.${told && `\n${told}`}`, exitCode)
  } catch (error) {
    await end('failed', `${path} could not be run: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Runs a script as agents run: in a group of its own that is ended whole, in the workspace's sandbox, with its secrets. */
async function execute(
  context: RunnerContext,
  workspaceId: string,
  worktree: Worktree,
  script: Script,
  setupId: string,
): Promise<{ output: string; exitCode: number | null; late: boolean }> {
  const env = context.secrets.environment(workspaceId)
  const command = { command: 'bash', args: ['-c', `exec 2>&1 </dev/null\n${script.text}`, SETUP_PATH], env }
  const launch = await inSandbox(context, {}, workspaceId, worktree.sessionId, command)
  const options = { runId: setupId, cwd: worktree.path, home: context.dataFolder }
  const running = await AgentProcess.start(launch, options)
  const read = new Promise((resolve) => running.stdout.once('close', resolve))
  let output = ''
  let late = false
  running.stdout.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-KEPT_CHARS)
  })
  const timer = setTimeout(() => {
    late = true
    void running.end()
  }, longestSetupMs)
  const { exitCode } = await running.exited
  clearTimeout(timer)
  // What it left running would hold ports and files that nobody knows of.
  await running.end()
  await read
  return { output, exitCode, late }
}
