import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { turnAway } from '../connection/upgrade.ts'
import { page } from '../http/page.ts'
import { LIMITS } from '../limits.ts'
import { isSameOrigin } from '../sign-in/same-origin.ts'
import { TunnelRefused, type Tunnels } from '../tunnels/tunnels.ts'
import { fromDevServer, PREVIEW_COOKIE, previewCookie, toDevServer } from './preview-headers.ts'
import type { Preview, Previews } from './previews.ts'
import type { PreviewHost } from './preview-host.ts'
import { connectTo, TunnelAgent } from './tunnel-agent.ts'

/** Where a link leads to, under a preview's own host name. */
export const ENTER_PATH = '/.coppice/enter'

/** Answers under the host names of previews: lets in who has a link, and passes everything else to the dev server. */
export class PreviewProxy {
  readonly #previews: Previews
  readonly #host: PreviewHost
  readonly #tunnels: Tunnels
  readonly #agents = new Map<string, TunnelAgent>()

  constructor(parts: { previews: Previews; host: PreviewHost; tunnels: Tunnels }) {
    this.#previews = parts.previews
    this.#host = parts.host
    this.#tunnels = parts.tunnels
  }

  /** Whether a request is for a preview: then nothing else of the server answers it. */
  takes(request: IncomingMessage): boolean {
    return this.#host.idIn(request.headers.host) !== undefined
  }

  request(request: IncomingMessage, response: ServerResponse): void {
    const id = this.#host.idIn(request.headers.host) ?? ''
    const url = new URL(request.url ?? '/', 'http://preview')
    if (url.pathname === ENTER_PATH) return this.#enter(id, url, request, response)
    const preview = this.#previews.seen(id, previewCookie(request.headers.cookie))
    if (!preview)
      return tell(response, 401, 'This preview is not open', 'Open it from the session’s Preview tab in Coppice.')
    if (fromElsewhere(request))
      return tell(response, 403, 'Not from here', 'Another site asked for this, so nothing was done.')
    this.#pass(preview, request, response)
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy())
    const id = this.#host.idIn(request.headers.host) ?? ''
    const preview = this.#previews.seen(id, previewCookie(request.headers.cookie))
    if (!preview) return turnAway(socket, '401 Unauthorized')
    const { origin, host = '' } = request.headers
    if (origin === undefined || !isSameOrigin(origin, host)) return turnAway(socket, '403 Forbidden')
    const to = await connectTo(this.#tunnels, preview).catch((error: unknown) => {
      if (!(error instanceof TunnelRefused)) throw error
      turnAway(socket, '502 Bad Gateway')
    })
    if (!to) return
    to.on('error', () => socket.destroy())
    to.once('close', () => socket.destroy())
    socket.once('close', () => to.destroy())
    const { upgrade = 'websocket' } = request.headers
    const headers = { ...toDevServer(request.headers, host, preview.port), connection: 'Upgrade', upgrade }
    const lines = Object.entries(headers).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => `${name}: ${String(one)}\r\n`),
    )
    to.write(`GET ${request.url ?? '/'} HTTP/1.1\r\n${lines.join('')}\r\n`)
    if (head.length > 0) to.write(head)
    socket.pipe(to)
    to.pipe(socket)
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy()
  }

  #enter(id: string, url: URL, request: IncomingMessage, response: ServerResponse): void {
    const cookie = request.method === 'GET' ? this.#previews.enter(id, url.searchParams.get('token') ?? '') : undefined
    if (cookie === undefined)
      return tell(response, 410, 'This link was used or is too old', 'Open the preview from its session once more.')
    const secure = request.headers['x-forwarded-proto'] === 'https' ? '; Secure' : ''
    response.writeHead(303, {
      'set-cookie': `${PREVIEW_COOKIE}=${cookie}; Path=/; HttpOnly; SameSite=Lax${secure}`,
      location: '/',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    response.end()
  }

  #pass(preview: Preview, request: IncomingMessage, response: ServerResponse): void {
    const { host = '' } = request.headers
    const asked = http.request({
      agent: this.#agentOf(preview),
      method: request.method,
      path: request.url,
      headers: toDevServer(request.headers, host, preview.port),
      setHost: false,
    })
    asked.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, fromDevServer(answer.headers, preview.port))
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    asked.on('error', (error) => {
      if (response.headersSent) return response.destroy()
      const why = error instanceof TunnelRefused ? error.message : 'The dev server broke the connection off.'
      tell(response, 502, 'The preview does not answer', why)
    })
    response.once('close', () => asked.destroy())
    request.pipe(asked)
  }

  #agentOf(preview: Preview): TunnelAgent {
    const known = this.#agents.get(preview.id)
    if (known) return known
    const agent = new TunnelAgent(() => connectTo(this.#tunnels, preview))
    this.#agents.set(preview.id, agent)
    for (const [id, old] of this.#agents) {
      if (this.#agents.size <= LIMITS.previews) break
      this.#agents.delete(id)
      old.destroy()
    }
    return agent
  }
}

/** A script of another site, or of another preview, asks; following a link is no such thing. */
function fromElsewhere({ headers, method }: IncomingMessage): boolean {
  if (headers.origin !== undefined && !isSameOrigin(headers.origin, headers.host)) return true
  const site = headers['sec-fetch-site']
  const navigates = headers['sec-fetch-mode'] === 'navigate' && method === 'GET'
  return (site === 'same-site' || site === 'cross-site') && !navigates
}

function tell(response: ServerResponse, status: number, title: string, words: string): void {
  const safe = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'",
  })
  response.end(String(page(title, `<p>${safe}</p>`)))
}
