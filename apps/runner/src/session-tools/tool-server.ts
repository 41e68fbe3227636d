import { createHash, randomBytes } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerMessage, mayTakeLong, readMessage } from './json-rpc.ts'
import type { AnswerCall } from './tools.ts'

const mostBytes = 256 * 1024
/** A line without meaning, so that no client takes a person who thinks for a dead server. */
const aliveMs = 15_000

/** What lets one agent process use the tools of its session. */
export type Admission = { readonly url: string; readonly token: string; revoke(): void }

/**
 * The MCP server that a runner gives to its agents: streamable HTTP on loopback, without sessions of its own. Who
 * calls is known by a token that was made for one session, and is good while an agent of it lives (AC-7).
 */
export class ToolServer {
  readonly #server: http.Server
  /** By the hash of the token: comparing hashes tells nothing about tokens. */
  readonly #admitted = new Map<string, AnswerCall>()

  private constructor() {
    this.#server = http.createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500)
        response.end(error instanceof Error ? error.message : String(error))
      })
    })
    // A question may stay open for days; who does not read is found by the socket.
    this.#server.requestTimeout = 0
    this.#server.keepAliveTimeout = 5_000
  }

  static async start(): Promise<ToolServer> {
    const server = new ToolServer()
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject)
      server.#server.listen(0, '127.0.0.1', resolve)
    })
    server.#server.unref()
    return server
  }

  /** Lets one agent process in, under a token of {@link newToken}. */
  admit(token: string, call: AnswerCall): Admission {
    const key = hashOf(token)
    this.#admitted.set(key, call)
    return { url: `http://127.0.0.1:${this.#port}/mcp`, token, revoke: () => void this.#admitted.delete(key) }
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const refused = (status: number, why: string): void => void response.writeHead(status).end(why)
    // A page in a browser has no business here, whatever name it found for this address.
    if (request.headers.origin !== undefined) return refused(403, 'Not for browsers.')
    if (request.headers.host !== `127.0.0.1:${this.#port}`) return refused(403, 'Not under this name.')
    const call = this.#admitted.get(hashOf(bearer(request)))
    if (!call) return refused(401, 'This token is not known, or its agent has ended.')
    if (request.url !== '/mcp') return refused(404, 'There is nothing here.')
    if (request.method !== 'POST') return refused(405, 'Only POST: this server begins no talk by itself.')
    const text = await bodyOf(request)
    if (text === undefined) return refused(413, `A request has at most ${mostBytes / 1024} KiB.`)
    const read = readMessage(text)
    if ('problem' in read) return json(response, 400, read.problem)
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const { message } = read
    if (!mayTakeLong(message) || !request.headers.accept?.includes('text/event-stream')) {
      const reply = await answerMessage(message, call, gone.signal)
      return reply ? json(response, 200, reply) : void response.writeHead(202).end()
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(': waiting\n\n')
    const alive = setInterval(() => response.write(': waiting\n\n'), aliveMs)
    try {
      const reply = await answerMessage(message, call, gone.signal)
      response.end(reply ? `event: message\ndata: ${JSON.stringify(reply)}\n\n` : '')
    } finally {
      clearInterval(alive)
    }
  }
}

/** A token for one session: good while an agent of it lives. */
export const newToken = (): string => randomBytes(32).toString('base64url')

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

function bearer({ headers }: http.IncomingMessage): string {
  return /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
}

function json(response: http.ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

/** The whole body; undefined where it is too large. */
async function bodyOf(request: http.IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
