import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { RequestError } from '@agentclientprotocol/sdk/unstable'
import type { AgentContext, ClientCapabilities, McpServer, SystemPrompt } from '@agentclientprotocol/sdk/unstable'
import { aiSdk } from '../model/ai-sdk.ts'
import { askForModels, modelOf, ownFigures } from '../model/catalog.ts'
import type { Catalog } from '../model/catalog.ts'
import { endpointsOf } from '../model/endpoints.ts'
import type { Endpoints } from '../model/endpoints.ts'
import type { ModelEntry } from '../model/entry.ts'
import type { ModelFailure } from '../model/failure.ts'
import { Session } from '../session/session.ts'
import { Transcript } from '../session/transcript.ts'
import { ClientView } from './client-view.ts'

export const noKey =
  'There is no key for a model. Set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY; or OPENAI_BASE_URL for a model server of your own.'

/** What a request for a session says beside its id. */
type Wanted = {
  readonly cwd: string
  readonly mcpServers?: readonly McpServer[]
  readonly systemPrompt?: SystemPrompt | null
  readonly _meta?: { readonly [key: string]: unknown } | null
}

/** All sessions of one process, and what they share: endpoints, models, the data folder. */
export class House {
  readonly #env: NodeJS.ProcessEnv
  readonly #data: string
  readonly #endpoints: Endpoints
  readonly #sessions = new Map<string, Session>()
  #catalog: Promise<Catalog> | undefined
  #asksBeforeCalls = false

  constructor(env: NodeJS.ProcessEnv, data: string) {
    this.#env = env
    this.#data = data
    this.#endpoints = endpointsOf(env)
  }

  /** Who drives this says what it offers: some want to be asked before a model is called, to keep within a budget. */
  greeted(capabilities: ClientCapabilities | undefined): void {
    const { _meta: meta } = capabilities ?? {}
    const ours = meta?.['coppice']
    this.#asksBeforeCalls =
      typeof ours === 'object' && ours !== null && 'modelCalls' in ours && ours.modelCalls === true
  }

  catalog(): Promise<Catalog> {
    this.#catalog ??= askForModels(this.#endpoints, this.#env)
    return this.#catalog
  }

  /** A session that is open. @throws {RequestError} */
  session(id: string): Session {
    const session = this.#sessions.get(id)
    if (!session) throw RequestError.resourceNotFound(id)
    return session
  }

  async begin(client: AgentContext, wanted: Wanted): Promise<Session> {
    const id = randomUUID()
    return this.#open(client, id, wanted, await Transcript.begin(this.#transcripts, id, wanted.cwd), [])
  }

  /** Goes on with a session of an earlier process. @throws {RequestError} where there is none */
  async resume(client: AgentContext, id: string, wanted: Wanted): Promise<Session> {
    const known = this.#sessions.get(id)
    if (known?.busy) throw RequestError.invalidParams(undefined, 'a turn of this session is running')
    await known?.close()
    const found = await Transcript.resume(this.#transcripts, id)
    if (!found) throw RequestError.resourceNotFound(id)
    return this.#open(client, id, wanted, found.transcript, found.entries)
  }

  /** A new session that knows all that another one knows. */
  async fork(client: AgentContext, from: string, wanted: Wanted): Promise<Session> {
    const id = randomUUID()
    if (!/^[\w-]+$/.test(from) || !(await Transcript.fork(this.#transcripts, from, id)))
      throw RequestError.resourceNotFound(from)
    return this.resume(client, id, wanted)
  }

  async close(id: string): Promise<void> {
    await this.session(id).close()
    this.#sessions.delete(id)
  }

  /** Ends everything that runs. */
  stop(): void {
    for (const session of this.#sessions.values()) session.cancel()
  }

  /** The model with an id. @throws {RequestError} where there is no key for it, or it is none */
  async model(id: string): Promise<ModelEntry> {
    const { models } = await this.catalog()
    const model = models.find((one) => one.id === id) ?? modelOf(id, this.#endpoints, ownFigures(this.#env))
    if (!model)
      throw RequestError.invalidParams({ details: `There is no model "${id}" that this agent has a key for.` })
    return model
  }

  async #open(
    client: AgentContext,
    id: string,
    wanted: Wanted,
    transcript: Transcript,
    entries: Parameters<typeof Session.open>[0]['entries'],
  ): Promise<Session> {
    const { models, problems } = await this.catalog()
    const [first] = models
    if (!first) {
      await transcript.close()
      const details = Object.keys(this.#endpoints).length === 0 ? noKey : problems.join(' ')
      throw RequestError.authRequired({ details, kind: 'sign_in' })
    }
    const session = await Session.open({
      cwd: wanted.cwd,
      view: new ClientView(client, id, this.#asksBeforeCalls),
      transcript,
      entries,
      model: (known) =>
        models.find((one) => one.id === known) ?? modelOf(known, this.#endpoints, ownFigures(this.#env)) ?? first,
      ask: aiSdk(this.#endpoints),
      outputs: path.join(this.#data, 'outputs', id),
      mcpServers: wanted.mcpServers ?? [],
      added: addedPrompt(wanted),
    })
    this.#sessions.set(id, session)
    return session
  }

  get #transcripts(): string {
    return path.join(this.#data, 'sessions')
  }
}

/** The protocol's own `systemPrompt`, and `_meta.systemPrompt.append`, as other agents take it. @throws {RequestError} */
function addedPrompt({ systemPrompt, _meta: meta }: Wanted): string {
  if (systemPrompt) {
    const { mode, content } = systemPrompt
    if (mode !== 'append')
      throw RequestError.invalidParams({ details: `A system prompt is appended here, not "${mode}".` })
    return content.map((block) => (block.type === 'text' ? block.text : '')).join('\n\n')
  }
  const prompt = meta?.['systemPrompt']
  return typeof prompt === 'object' && prompt !== null && 'append' in prompt ? String(prompt.append) : ''
}

/** What went wrong with a model, as an error of the protocol: `data.kind` says what it is, `data.retryAfterMs` when to come back. */
export function asRequestError(failure: ModelFailure): RequestError {
  const data = {
    details: failure.message,
    kind: failure.code,
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
  }
  return failure.code === 'sign_in' ? RequestError.authRequired(data) : RequestError.internalError(data)
}
