import { simpleGit } from 'simple-git'
import type { SimpleGit, SimpleGitProgressEvent } from 'simple-git'
import { passedEnvironment } from '../passed-environment.ts'

/** Git said no. `message` is git's own words; `args` say what was asked of it. */
export class GitFailure extends Error {
  readonly exitCode: number
  readonly args: readonly string[]
  /** What git printed on its standard output before it failed (merge-tree names conflicts there). */
  readonly output: string

  constructor(message: string, exitCode: number, args: readonly string[], output: string) {
    super(message)
    this.name = 'GitFailure'
    this.exitCode = exitCode
    this.args = args
    this.output = output
  }
}

/** For `.catch`: git's no is an answer, anything else is thrown on. */
export function onlyGitFailures(error: unknown): undefined {
  if (error instanceof GitFailure) return undefined
  throw error
}

/** How one git command is run. */
export type GitOptions = {
  /** Added to the environment; only the names in {@link allowedEnvironment} reach git when they start with GIT_. */
  readonly env?: Readonly<Record<string, string>>
  /** Written to git's standard input. */
  readonly input?: string
  /** Exit codes besides 0 that are an answer and not a failure. */
  readonly answers?: readonly number[]
  /** Do not wait for the disk after each object: for many small writes that are synced together later, or need not be. */
  readonly unsynced?: boolean
  /** Let the repository's own hooks run: only for what a person asked for by name (a commit). */
  readonly hooks?: boolean
  readonly onProgress?: (progress: GitProgress) => void
  readonly signal?: AbortSignal
  /** Kill git when it says nothing for so long, in ms (network commands). */
  readonly silence?: number
}

/** Progress of a long git command, as git reports it. */
export type GitProgress = { readonly stage: string; readonly percent: number }

/** What a git command answered. */
export type GitAnswer = { readonly code: number; readonly out: string }

const allowedEnvironment = [
  'GIT_INDEX_FILE',
  'GIT_OPTIONAL_LOCKS',
  'GIT_TERMINAL_PROMPT',
  'GIT_AUTHOR_NAME',
  'GIT_AUTHOR_EMAIL',
  'GIT_AUTHOR_DATE',
  'GIT_COMMITTER_NAME',
  'GIT_COMMITTER_EMAIL',
  'GIT_COMMITTER_DATE',
  'GIT_LFS_SKIP_SMUDGE',
  'GIT_LFS_SKIP_DOWNLOAD_ERRORS',
] as const

/** What makes git run other programs or read other settings; ssh's and the credential helpers' own settings serve. */
const dropped = /^(GIT_.*|EDITOR|VISUAL|PAGER|PREFIX|SSH_ASKPASS)$/i

/** The environment of git: in English, never asking at a terminal. */
function environment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const passed = Object.entries(passedEnvironment(process.env)).filter(([name]) => !dropped.test(name))
  return { ...Object.fromEntries(passed), LC_ALL: 'C.UTF-8', GIT_TERMINAL_PROMPT: '0', ...extra }
}

/**
 * Runs one git command in `dir` and gives its output. Hooks and file-system monitors of the repository do not run
 * unless asked for: preparing a worktree must not run code that came with a repository.
 * @throws {GitFailure} with git's own words.
 */
export async function git(dir: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await gitAnswer(dir, args, options)).out
}

/** As {@link git}, with the exit code, for commands whose code is an answer (see {@link GitOptions.answers}). */
export async function gitAnswer(dir: string, args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> {
  // Also a folder that is gone is a failure with words.
  const { code, out } = await run(dir, args, options, (prepared) => prepared.raw([...args]))
  return { code, out }
}

/**
 * The bytes of a blob.
 * @param name as git names it: an id, `tree:path`
 * @throws {GitFailure}
 */
export async function gitBlob(dir: string, name: string): Promise<Uint8Array> {
  const { out } = await run(dir, ['cat-file', 'blob', name], {}, (prepared) => prepared.binaryCatFile(['blob', name]))
  if (!(out instanceof Uint8Array)) throw new Error(`git gave no bytes for ${name}.`)
  return out
}

async function run<Out>(
  dir: string,
  args: readonly string[],
  options: GitOptions,
  call: (prepared: SimpleGit) => PromiseLike<Out>,
): Promise<{ readonly code: number; readonly out: Out }> {
  let code = 0
  const { onProgress } = options
  const prepare = () =>
    simpleGit({
      baseDir: dir,
      config: [
        ...(options.hooks ? [] : ['core.hooksPath=/dev/null']),
        ...(options.unsynced ? ['core.fsync=none'] : []),
        'core.fsmonitor=false',
        'core.quotePath=false',
        'gc.auto=0',
        'maintenance.auto=false',
      ],
      allowEnvironment: [...allowedEnvironment],
      unsafe: { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true },
      ...(options.input === undefined ? {} : { input: () => options.input }),
      ...(options.signal ? { abort: options.signal } : {}),
      ...(options.silence ? { timeout: { block: options.silence } } : {}),
      ...(onProgress
        ? { progress: (event: SimpleGitProgressEvent) => onProgress({ stage: event.stage, percent: event.progress }) }
        : {}),
      errors(error, result) {
        code = result.exitCode
        if (code === 0 || options.answers?.includes(code)) return undefined
        const words = Buffer.concat(result.stdErr).toString('utf8').trim()
        const out = Buffer.concat(result.stdOut).toString('utf8')
        const spawnError = error instanceof Error ? error.message : ''
        const said = words || out.trim() || spawnError || `git ended with code ${code}`
        return new GitFailure(said, code, args, out)
      },
    })
      .env(environment(options.env ?? {}))
      .outputHandler((_command, stdout) => stdout.once('end', () => endsSilence(stdout)))
  try {
    const out = await call(prepare())
    return { code, out }
  } catch (error) {
    if (error instanceof GitFailure) throw error
    const cause = findFailure(error)
    if (cause) throw cause
    throw new GitFailure(error instanceof Error ? error.message : String(error), code || -1, args, '')
  }
}

/**
 * After a command that printed nothing simple-git waits 50 ms for words that come late. Where the output has ended none can
 * come, and an empty piece of it counts as something said.
 */
function endsSilence(stdout: NodeJS.ReadableStream): void {
  stdout.emit('data', Buffer.alloc(0))
}

/** simple-git may wrap the error it was given. */
function findFailure(error: unknown): GitFailure | undefined {
  let at: unknown = error
  for (let depth = 0; depth < 4 && at instanceof Error; depth += 1) {
    if (at instanceof GitFailure) return at
    at = at.cause
  }
  return undefined
}

/** Splits git's NUL-separated output; the last separator ends the list. */
export function splitNul(text: string): string[] {
  if (text === '') return []
  const parts = text.split('\0')
  if (parts.at(-1) === '') parts.pop()
  return parts
}
