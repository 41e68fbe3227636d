import { methods } from '@agentclientprotocol/sdk/unstable'
import type { ClientConnection, InitializeResponse, NewSessionResponse } from '@agentclientprotocol/sdk/unstable'
import type { OpenAgent } from './acp-agent.ts'
import { AgentFailure } from './failure.ts'
import { choicesIn, settingsFor } from './session-choices.ts'
import { sessionPlace } from './session-place.ts'

/** An agent's session that is open. */
export type OpenedSession = {
  readonly sessionId: string
  /** Whether it is one of before, with its memory. */
  readonly resumed: boolean
  /** Whether a later process of it can go on with this conversation, as it says. */
  readonly canResume: boolean
  /** Whether its instructions are part of its system prompt. */
  readonly bySystemPrompt: boolean
  readonly choices: ReturnType<typeof choicesIn>
}

/** The answer to a request, or a clear failure. */
type OrFailure = <T>(what: string, withinMs: number, request: Promise<T>) => Promise<T>

/** Goes on with an agent's earlier session where it can, else begins one; sets model and mode. @throws {AgentFailure} */
export async function openSession(
  { agent }: Pick<ClientConnection, 'agent'>,
  options: OpenAgent,
  { agentCapabilities, authMethods }: InitializeResponse,
  withinMs: number,
  orFailure: OrFailure,
): Promise<OpenedSession> {
  const quirks = options.quirks ?? {}
  const servers = options.mcpServers?.(agentCapabilities) ?? []
  const { place, bySystemPrompt } = sessionPlace(
    options.cwd,
    quirks,
    agentCapabilities,
    options.instructions ?? '',
    servers,
  )

  const resumed = async (sessionId: string): Promise<object | undefined> => {
    const request = { ...place, sessionId }
    const ways: ((() => Promise<object>) | undefined)[] = [
      agentCapabilities?.sessionCapabilities?.resume
        ? () => agent.request(methods.agent.session.resume, request)
        : undefined,
      agentCapabilities?.loadSession ? () => agent.request(methods.agent.session.load, request) : undefined,
    ]
    for (const way of ways) {
      if (!way) continue
      // An advertised capability may still answer "method not found", and the session may be gone: then the next way.
      const answer = await orFailure('resume', withinMs, way()).catch((error: unknown) => {
        if (error instanceof AgentFailure && error.code === 'refused') return undefined
        throw error
      })
      if (answer) return answer
    }
    return undefined
  }

  const begun = async (): Promise<NewSessionResponse> => {
    const begin = (): Promise<NewSessionResponse> =>
      orFailure('session/new', withinMs, agent.request(methods.agent.session.new, place))
    try {
      return await begin()
    } catch (error) {
      if (!(error instanceof AgentFailure) || error.code !== 'sign_in') throw error
      const way = signInWay(options, authMethods ?? [])
      if (way === undefined) throw error
      await orFailure('authenticate', withinMs, agent.request(methods.agent.authenticate, { methodId: way }))
      return begin()
    }
  }

  const old = options.resume === undefined ? undefined : await resumed(options.resume)
  if (!old && options.mustResume)
    throw new AgentFailure('forgot', 'The agent could not take up the conversation again.')
  const answer = old ?? (await begun())
  const sessionId = old && options.resume !== undefined ? options.resume : (answer as NewSessionResponse).sessionId
  const choices = choicesIn(answer)
  for (const { what, method, params } of settingsFor(choices, sessionId, options.model, quirks))
    await orFailure(what, withinMs, agent.request(method, params))
  const canResume = Boolean(agentCapabilities?.sessionCapabilities?.resume ?? agentCapabilities?.loadSession)
  return { sessionId, resumed: old !== undefined, canResume, bySystemPrompt, choices }
}

/** How it signs in with a key that is set; undefined where there is no way. */
function signInWay({ launch, quirks }: OpenAgent, offered: readonly { readonly id: string }[]): string | undefined {
  return quirks?.signInWith?.find(
    ({ method, variable }) =>
      offered.some(({ id }) => id === method) && Boolean(launch.env[variable] ?? process.env[variable]),
  )?.method
}
