import { z } from 'zod'
import type { Check, Comment, Forge, NewPullRequest, PullRequest } from './forge.ts'
import { ForgeHttp } from './forge-http.ts'

const pullSchema = z.object({
  number: z.int(),
  html_url: z.string(),
  title: z.string(),
  state: z.string(),
  draft: z.boolean().default(false),
  merged_at: z.string().nullish(),
  head: z.object({ sha: z.string() }),
})
const runsSchema = z.object({
  check_runs: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullish(),
      html_url: z.string().nullish(),
      output: z.object({ title: z.string().nullish() }).nullish(),
    }),
  ),
})
const statusSchema = z.object({
  statuses: z.array(
    z.object({
      context: z.string(),
      state: z.string(),
      description: z.string().nullish(),
      target_url: z.string().nullish(),
    }),
  ),
})
const commentSchema = z.object({
  user: z.object({ login: z.string() }).nullish(),
  body: z.string().nullish(),
  path: z.string().optional(),
  line: z.int().nullish(),
  html_url: z.string(),
  created_at: z.string().optional(),
  submitted_at: z.string().nullish(),
})

/** GitHub's REST API, at github.com or on a server of one's own. */
export class GitHub implements Forge {
  readonly kind = 'github'
  readonly #http: ForgeHttp
  readonly #repository: string
  readonly #owner: string

  /** @param project `owner/name` */
  constructor(api: string, project: string, token: string) {
    this.#http = new ForgeHttp(api, {
      authorization: `Bearer ${token}`,
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
    })
    this.#repository = `/repos/${project.split('/').map(encodeURIComponent).join('/')}`
    this.#owner = project.split('/')[0] ?? ''
  }

  async find(branch: string): Promise<PullRequest | undefined> {
    const head = encodeURIComponent(`${this.#owner}:${branch}`)
    const query = `head=${head}&state=all&sort=created&direction=desc&per_page=1`
    const [newest] = await this.#http.get(`${this.#repository}/pulls?${query}`, z.array(pullSchema))
    return newest && pullRequest(newest)
  }

  async create({ branch, base, title, body, draft }: NewPullRequest): Promise<PullRequest> {
    return pullRequest(
      await this.#http.post(`${this.#repository}/pulls`, { head: branch, base, title, body, draft }, pullSchema),
    )
  }

  async checks({ commit }: PullRequest): Promise<Check[]> {
    const of = `${this.#repository}/commits/${encodeURIComponent(commit)}`
    const runs = await this.#http.get(`${of}/check-runs?per_page=100`, runsSchema)
    const { statuses } = await this.#http.get(`${of}/status?per_page=100`, statusSchema)
    return [
      ...runs.check_runs.map((run) => ({
        name: run.name,
        state: runState(run.status, run.conclusion ?? ''),
        says: run.output?.title ?? '',
        url: run.html_url ?? '',
      })),
      ...statuses.map((one) => ({
        name: one.context,
        state: statusState(one.state),
        says: one.description ?? '',
        url: one.target_url ?? '',
      })),
    ]
  }

  async comments({ number }: PullRequest): Promise<Comment[]> {
    const read = (path: string) => this.#http.get(`${this.#repository}${path}?per_page=100`, z.array(commentSchema))
    const all = [
      ...(await read(`/pulls/${number}/comments`)),
      ...(await read(`/pulls/${number}/reviews`)),
      ...(await read(`/issues/${number}/comments`)),
    ]
    return all
      .filter((one) => (one.body ?? '').trim() !== '')
      .map((one) => ({
        author: one.user?.login ?? '',
        text: one.body ?? '',
        ...(one.path !== undefined && { path: one.path }),
        ...(typeof one.line === 'number' && { line: one.line }),
        at: Date.parse(one.created_at ?? one.submitted_at ?? '') || 0,
        url: one.html_url,
      }))
      .toSorted((a, b) => a.at - b.at)
  }
}

const pullRequest = (pull: z.infer<typeof pullSchema>): PullRequest => ({
  number: pull.number,
  url: pull.html_url,
  title: pull.title,
  state: pull.merged_at ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
  draft: pull.draft,
  commit: pull.head.sha,
})

function runState(status: string, conclusion: string): Check['state'] {
  if (status !== 'completed') return status === 'in_progress' ? 'running' : 'waiting'
  if (conclusion === 'success') return 'passed'
  return conclusion === 'skipped' || conclusion === 'neutral' ? 'skipped' : 'failed'
}

const statusState = (state: string): Check['state'] =>
  state === 'success' ? 'passed' : state === 'pending' ? 'running' : 'failed'
