/**
 * A model endpoint on loopback for tests: OpenAI chat completions and responses, Anthropic messages and Gemini. It thinks
 * nothing: the prompt carries what the model shall do (model/script.ts).
 */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { anthropicMessages } from './model/anthropic.ts'
import type { Dialect } from './model/dialect.ts'
import { gemini } from './model/gemini.ts'
import { openAiChat } from './model/openai-chat.ts'
import { openAiResponses } from './model/openai-responses.ts'
import { replyTo, stepFor } from './model/script.ts'
import type { AskedModel, ModelStep } from './model/script.ts'

export type { ModelStep }

/** The body of a request, in the words of its API. */
type Body = { readonly messages?: readonly unknown[]; readonly [field: string]: unknown }

/** A running endpoint. */
export type ModelEndpoint = {
  readonly url: string
  /** The bodies it was sent, oldest first. */
  readonly requests: readonly Body[]
  /** What requests without tools (titles, summaries) get, each once, in order; then "Scripted session". */
  readonly asides: ModelStep[]
  close(): Promise<void>
}

const models = ['test-1', 'test-2']

/**
 * Starts an endpoint on a free port of the loopback interface.
 * @param key the only one that it takes; any without
 */
export async function startModelEndpoint({ key }: { key?: string } = {}): Promise<ModelEndpoint> {
  const [requests, asides]: [Body[], ModelStep[]] = [[], []]
  const desk = new Desk(requests, asides, key)
  const server = http.createServer((request, response) => {
    desk.answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500)
      response.end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    asides,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A prompt that carries a script. */
export function scripted(steps: readonly ModelStep[]): string {
  return `do it <script>${JSON.stringify(steps)}</script>`
}

/** The environment that lets Coppice Code ask the endpoint in each of the three APIs. */
export function keysFor({ url }: ModelEndpoint, makers: readonly ('openai' | 'anthropic' | 'google')[] = ['openai']) {
  return {
    ...(makers.includes('openai') ? { OPENAI_API_KEY: 'test-key', OPENAI_BASE_URL: `${url}/v1` } : {}),
    ...(makers.includes('anthropic') ? { ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: `${url}/anthropic` } : {}),
    ...(makers.includes('google') ? { GEMINI_API_KEY: 'test-key', GOOGLE_GEMINI_BASE_URL: `${url}/google` } : {}),
  }
}

/** OpenCode's configuration for the endpoint, as the value of OPENCODE_CONFIG_CONTENT. */
export function openCodeConfig(endpoint: ModelEndpoint): string {
  const model = { name: 'Test model', limit: { context: 100_000, output: 8_000 }, cost: { input: 1, output: 2 } }
  return JSON.stringify({
    model: 'test/test-1',
    small_model: 'test/test-1',
    enabled_providers: ['test'],
    provider: {
      test: {
        npm: '@ai-sdk/openai-compatible',
        name: 'Test',
        options: { baseURL: `${endpoint.url}/v1`, apiKey: 'test-key' },
        models: { 'test-1': model },
      },
    },
  })
}

class Desk {
  readonly #requests: Body[]
  readonly #asides: ModelStep[]
  /** How often a step with `times` has failed. */
  readonly #failed = new Map<string, number>()
  readonly #key: string | undefined
  #serial = 0

  constructor(requests: Body[], asides: ModelStep[], key: string | undefined) {
    this.#key = key
    this.#requests = requests
    this.#asides = asides
  }

  async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = request.url ?? ''
    const at = url.split('?')[0] ?? ''
    if (request.method === 'GET' && at.endsWith('/models')) return json(response, 200, dialectOfList(at).models(models))
    const dialect = [openAiChat, openAiResponses, anthropicMessages, gemini].find((one) => one.serves(at))
    if (request.method !== 'POST' || !dialect) return json(response, 404, { error: { message: 'not here' } })
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (this.#key !== undefined && request.headers.authorization !== `Bearer ${this.#key}`)
      return json(response, 401, dialect.failure(401, 'Incorrect API key provided.'))
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Body
    this.#requests.push(body)
    const asked = dialect.read(body, url)
    const step = asked.tools.length > 0 ? stepFor(asked) : (this.#asides.shift() ?? { say: 'Scripted session' })
    if (step.wait) await pause(step.wait)
    if (step.hang) return
    if (step.fail && this.#stillFails(step)) {
      const message = step.message ?? 'scripted failure'
      return json(response, step.fail, dialect.failure(step.fail, message), step.headers)
    }
    this.#serial += 1
    await this.#send(dialect, step, asked, response)
  }

  async #send(dialect: Dialect, step: ModelStep, asked: AskedModel, response: http.ServerResponse): Promise<void> {
    const reply = replyTo(step, asked)
    const id = String(this.#serial)
    const cut = step.cut === true && this.#stillFails(step)
    if (!asked.stream && !cut) return json(response, 200, dialect.whole(reply, asked, id))
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    const frames = dialect.streamed(reply, asked, id)
    for (const frame of cut ? frames.slice(0, Math.ceil(frames.length / 2)) : frames) response.write(frame)
    if (!cut) return void response.end()
    // What was written leaves first.
    await pause(50)
    response.destroy()
  }

  #stillFails(step: ModelStep): boolean {
    if (step.times === undefined) return true
    const key = JSON.stringify(step)
    const before = this.#failed.get(key) ?? 0
    this.#failed.set(key, before + 1)
    return before < step.times
  }
}

/** The three list their models at paths that end alike. */
function dialectOfList(path: string): Dialect {
  return path.startsWith('/anthropic') ? anthropicMessages : path.startsWith('/google') ? gemini : openAiChat
}

function json(
  response: http.ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
