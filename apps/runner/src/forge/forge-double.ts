import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A pull request in the double. */
export type Kept = { number: number; branch: string; base: string; title: string; body: string; draft: boolean }

type Answer = { readonly status: number; readonly body: unknown }

/** A forge on this machine that speaks so much of GitHub's and GitLab's REST API as Coppice asks for; for tests. */
export class ForgeDouble {
  readonly token = 'a-token-of-the-double-0123456789'
  readonly made: Kept[] = []
  /** What was asked, with the sender's credentials left out. */
  readonly asked: string[] = []
  /** Refuse everything with this status. */
  refuse: Answer | undefined
  readonly #server: Server
  url = ''

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      )
    })
  }

  static async start(): Promise<ForgeDouble> {
    const double = new ForgeDouble()
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve))
    double.url = `http://127.0.0.1:${(double.#server.address() as AddressInfo).port}`
    return double
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Record<string, unknown>
    const url = new URL(request.url ?? '/', this.url)
    this.asked.push(`${request.method} ${decodeURIComponent(url.pathname)}`)
    if (this.refuse) return this.refuse
    const { authorization, 'private-token': privateToken } = request.headers
    if (authorization !== `Bearer ${this.token}` && privateToken !== this.token)
      return { status: 401, body: { message: 'Bad credentials' } }
    const hub = /^\/repos\/mara\/rings(\/.*)$/.exec(url.pathname)?.[1]
    const lab = /^\/projects\/mara%2Frings(\/.*)$/.exec(url.pathname)?.[1]
    if (hub) return this.#hub(request.method ?? '', hub, url.searchParams, body)
    if (lab) return this.#lab(request.method ?? '', lab, url.searchParams, body)
    return { status: 404, body: { message: 'Not Found' } }
  }

  #keep(branch: unknown, base: unknown, title: unknown, text: unknown, draft: boolean): Kept {
    const number = this.made.length + 1
    const kept = { number, branch: String(branch), base: String(base), title: String(title), body: String(text), draft }
    this.made.push(kept)
    return kept
  }

  #hub(method: string, path: string, query: URLSearchParams, body: Record<string, unknown>): Answer {
    const shown = (one: Kept) => ({
      number: one.number,
      html_url: `https://github.com/mara/rings/pull/${one.number}`,
      title: one.title,
      state: 'open',
      draft: one.draft,
      merged_at: null,
      head: { sha: 'c0ffee' },
    })
    if (method === 'POST' && path === '/pulls') {
      if (body['title'] === 'refuse me')
        return {
          status: 422,
          body: { message: 'Validation Failed', errors: [{ message: 'No commits between main and it' }] },
        }
      const one = this.#keep(body['head'], body['base'], body['title'], body['body'], body['draft'] === true)
      return { status: 201, body: shown(one) }
    }
    if (path === '/pulls') {
      const head = query.get('head')
      return { status: 200, body: this.made.filter((one) => `mara:${one.branch}` === head).map(shown) }
    }
    if (path === '/commits/c0ffee/check-runs')
      return {
        status: 200,
        body: {
          check_runs: [
            {
              name: 'test',
              status: 'completed',
              conclusion: 'failure',
              html_url: 'https://x/1',
              output: { title: '2 failed' },
            },
            { name: 'lint', status: 'in_progress', conclusion: null, html_url: null, output: null },
          ],
        },
      }
    if (path === '/commits/c0ffee/status')
      return {
        status: 200,
        body: { statuses: [{ context: 'deploy', state: 'success', description: null, target_url: null }] },
      }
    const comment = (login: string, text: string, at: string) => ({
      user: { login },
      body: text,
      html_url: 'https://x/c',
      created_at: at,
    })
    if (path === '/pulls/1/comments')
      return {
        status: 200,
        body: [{ ...comment('jo', 'Why two?', '2026-01-02T00:00:00Z'), path: 'src/a.txt', line: 2 }],
      }
    if (path === '/pulls/1/reviews') return { status: 200, body: [comment('jo', '', '2026-01-01T00:00:00Z')] }
    if (path === '/issues/1/comments') return { status: 200, body: [comment('ines', 'Nice.', '2026-01-01T00:00:00Z')] }
    return { status: 404, body: { message: 'Not Found' } }
  }

  #lab(method: string, path: string, query: URLSearchParams, body: Record<string, unknown>): Answer {
    const shown = (one: Kept) => ({
      iid: one.number,
      web_url: `https://gitlab.com/mara/rings/-/merge_requests/${one.number}`,
      title: one.title,
      state: 'opened',
      draft: one.draft,
      sha: 'c0ffee',
    })
    if (method === 'POST' && path === '/merge_requests') {
      const title = String(body['title'])
      const draft = title.startsWith('Draft: ')
      const one = this.#keep(body['source_branch'], body['target_branch'], title, body['description'], draft)
      return { status: 201, body: shown(one) }
    }
    if (path === '/merge_requests')
      return { status: 200, body: this.made.filter((one) => one.branch === query.get('source_branch')).map(shown) }
    if (path === '/merge_requests/1/pipelines') return { status: 200, body: [{ id: 7 }] }
    if (path === '/pipelines/7/jobs')
      return {
        status: 200,
        body: [
          { name: 'test', status: 'failed', stage: 'check', web_url: 'https://x/1' },
          { name: 'lint', status: 'running', stage: 'check', web_url: 'https://x/2' },
          { name: 'deploy', status: 'success', stage: 'out', web_url: 'https://x/3' },
        ],
      }
    if (path === '/merge_requests/1/notes') {
      const note = (id: number, username: string, text: string, more: object = {}) => ({
        id,
        system: false,
        author: { username },
        body: text,
        created_at: '2026-01-01T00:00:00Z',
        ...more,
      })
      return {
        status: 200,
        body: [
          note(1, 'ines', 'Nice.'),
          note(2, 'bot', 'changed the title', { system: true }),
          note(3, 'jo', 'Why two?', { position: { new_path: 'src/a.txt', new_line: 2 } }),
        ],
      }
    }
    return { status: 404, body: { message: '404 Not Found' } }
  }
}
