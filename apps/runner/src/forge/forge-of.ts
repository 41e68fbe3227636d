import { git } from '../git/git.ts'
import type { Worktree } from '../git/worktree.ts'
import type { Forge } from './forge.ts'
import { GitHub } from './github.ts'
import { GitLab } from './gitlab.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where a repository's origin is: a host and the project there. */
type Remote = { readonly host: string; readonly project: string }

/** What a session's origin is, for pull requests. */
export type ForgePlace = {
  readonly kind: 'github' | 'gitlab' | 'none'
  /** Present where there is a token for it. */
  readonly forge: Forge | undefined
  /** Where a person makes a pull request by hand. */
  readonly compareUrl: string | undefined
}

/**
 * The forge of a session's origin: github.com, gitlab.com, or a server of one's own that `COPPICE_FORGE_HOST` and
 * `COPPICE_FORGE` (`github`, `gitlab`) name; others get no token, because an agent can write the address of origin. The token is
 * `GITHUB_TOKEN`, `GH_TOKEN` or `GITLAB_TOKEN` from the workspace's secrets, the runner's own, or the runner's environment;
 * `COPPICE_FORGE_API` is the address of an API that is not where the host has it.
 */
export async function forgeOf(worktree: Worktree, env: Environment): Promise<ForgePlace> {
  const remote = readRemote(await git(worktree.path, ['config', '--get', 'remote.origin.url'], { answers: [1] }))
  const kind = remote && kindOf(remote.host, env)
  if (!remote || !kind) return { kind: 'none', forge: undefined, compareUrl: undefined }
  const { branch, baseBranch } = worktree
  const compareUrl = addressFor(kind, remote, branch, baseBranch)
  const token = kind === 'github' ? env['GITHUB_TOKEN'] || env['GH_TOKEN'] : env['GITLAB_TOKEN']
  if (!token) return { kind, forge: undefined, compareUrl }
  const api = env['COPPICE_FORGE_API'] || apiOf(kind, remote.host)
  const forge = kind === 'github' ? new GitHub(api, remote.project, token) : new GitLab(api, remote.project, token)
  return { kind, forge, compareUrl }
}

/** Reads `https://host/a/b.git`, `ssh://git@host:22/a/b`, `git@host:a/b.git`; a folder is no remote. */
export function readRemote(given: string): Remote | undefined {
  const address = given.trim()
  const short = /^[^/@:\s]+@([^/:\s]+):(?!\/)(.+)$/.exec(address)
  if (short) return projectOf(short[1] ?? '', short[2] ?? '')
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  return ['https:', 'http:', 'ssh:', 'git:'].includes(url.protocol) ? projectOf(url.hostname, url.pathname) : undefined
}

function projectOf(host: string, path: string): Remote | undefined {
  const project = path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')
  return host !== '' && project.includes('/') ? { host: host.toLowerCase(), project } : undefined
}

function kindOf(host: string, env: Environment): 'github' | 'gitlab' | undefined {
  if (host === 'github.com') return 'github'
  if (host === 'gitlab.com') return 'gitlab'
  const said = env['COPPICE_FORGE']
  return host === env['COPPICE_FORGE_HOST']?.toLowerCase() && (said === 'github' || said === 'gitlab')
    ? said
    : undefined
}

function apiOf(kind: 'github' | 'gitlab', host: string): string {
  if (kind === 'gitlab') return `https://${host}/api/v4`
  return host === 'github.com' ? 'https://api.github.com' : `https://${host}/api/v3`
}

function addressFor(kind: 'github' | 'gitlab', { host, project }: Remote, branch: string, base: string): string {
  const part = (name: string): string => name.split('/').map(encodeURIComponent).join('/')
  if (kind === 'github') return `https://${host}/${project}/compare/${part(base)}...${part(branch)}?expand=1`
  const query = new URLSearchParams({
    'merge_request[source_branch]': branch,
    'merge_request[target_branch]': base,
  })
  return `https://${host}/${project}/-/merge_requests/new?${query}`
}
