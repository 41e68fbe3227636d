import { z } from 'zod'
import type { Check, Comment, Forge, NewPullRequest, PullRequest } from './forge.ts'
import { ForgeHttp } from './forge-http.ts'

const mergeSchema = z.object({
  iid: z.int(),
  web_url: z.string(),
  title: z.string(),
  state: z.string(),
  draft: z.boolean().default(false),
  sha: z.string().nullish(),
})
const pipelineSchema = z.object({ id: z.int() })
const jobSchema = z.object({ name: z.string(), status: z.string(), stage: z.string().default(''), web_url: z.string() })
const noteSchema = z.object({
  id: z.int(),
  system: z.boolean().default(false),
  author: z.object({ username: z.string() }),
  body: z.string(),
  created_at: z.string(),
  position: z.object({ new_path: z.string().nullish(), new_line: z.int().nullish() }).nullish(),
})

/** GitLab's REST API, at gitlab.com or on a server of one's own: merge requests, pipelines, notes. */
export class GitLab implements Forge {
  readonly kind = 'gitlab'
  readonly #http: ForgeHttp
  readonly #project: string

  /** @param project `group/name`, with as many groups as there are */
  constructor(api: string, project: string, token: string) {
    this.#http = new ForgeHttp(api, { 'private-token': token })
    this.#project = `/projects/${encodeURIComponent(project)}`
  }

  async find(branch: string): Promise<PullRequest | undefined> {
    const query = `source_branch=${encodeURIComponent(branch)}&order_by=created_at&sort=desc&per_page=1`
    const [newest] = await this.#http.get(`${this.#project}/merge_requests?${query}`, z.array(mergeSchema))
    return newest && pullRequest(newest)
  }

  async create({ branch, base, title, body, draft }: NewPullRequest): Promise<PullRequest> {
    const wanted = {
      source_branch: branch,
      target_branch: base,
      title: draft ? `Draft: ${title}` : title,
      description: body,
    }
    return pullRequest(await this.#http.post(`${this.#project}/merge_requests`, wanted, mergeSchema))
  }

  async checks({ number }: PullRequest): Promise<Check[]> {
    const pipelines = await this.#http.get(
      `${this.#project}/merge_requests/${number}/pipelines?per_page=1`,
      z.array(pipelineSchema),
    )
    const newest = pipelines[0]
    if (!newest) return []
    const jobs = await this.#http.get(`${this.#project}/pipelines/${newest.id}/jobs?per_page=100`, z.array(jobSchema))
    return jobs.map((job) => ({ name: job.name, state: jobState(job.status), says: job.stage, url: job.web_url }))
  }

  async comments({ number, url }: PullRequest): Promise<Comment[]> {
    const notes = await this.#http.get(
      `${this.#project}/merge_requests/${number}/notes?sort=asc&order_by=created_at&per_page=100`,
      z.array(noteSchema),
    )
    return notes
      .filter((note) => !note.system)
      .map((note) => ({
        author: note.author.username,
        text: note.body,
        ...(note.position?.new_path && { path: note.position.new_path }),
        ...(typeof note.position?.new_line === 'number' && { line: note.position.new_line }),
        at: Date.parse(note.created_at) || 0,
        url: `${url}#note_${note.id}`,
      }))
  }
}

const pullRequest = (merge: z.infer<typeof mergeSchema>): PullRequest => ({
  number: merge.iid,
  url: merge.web_url,
  title: merge.title,
  state: merge.state === 'merged' ? 'merged' : merge.state === 'opened' ? 'open' : 'closed',
  draft: merge.draft,
  commit: merge.sha ?? '',
})

function jobState(status: string): Check['state'] {
  if (status === 'success') return 'passed'
  if (status === 'failed' || status === 'canceled') return 'failed'
  if (status === 'skipped' || status === 'manual') return 'skipped'
  return status === 'running' ? 'running' : 'waiting'
}
