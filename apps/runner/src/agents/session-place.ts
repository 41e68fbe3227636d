import type { AgentCapabilities, McpServer, NewSessionRequest } from '@agentclientprotocol/sdk/unstable'
import type { Quirks } from './recipe.ts'

type Place = Pick<NewSessionRequest, 'cwd' | 'mcpServers' | 'systemPrompt' | '_meta'>

/**
 * What a request for an agent's session says of it: where it works, which servers it may use, what it is told. Instructions go
 * into the system prompt in the protocol's way where the agent advertises that, else in the way that its recipe knows.
 * @returns also whether there was such a way
 */
export function sessionPlace(
  cwd: string,
  { sessionMeta, systemPromptMeta }: Quirks,
  capabilities: AgentCapabilities | undefined,
  instructions: string,
  mcpServers: McpServer[],
): { readonly place: Place; readonly bySystemPrompt: boolean } {
  const advertised = Boolean(capabilities?.sessionCapabilities?.systemPrompt)
  const bySystemPrompt = advertised || systemPromptMeta === true
  const given = instructions !== ''
  const systemPrompt = { mode: 'append', content: [{ type: 'text' as const, text: instructions }] }
  const appended = !advertised && systemPromptMeta && given ? { systemPrompt: { append: instructions } } : undefined
  const place = {
    cwd,
    mcpServers,
    ...(advertised && given && { systemPrompt }),
    ...((sessionMeta ?? appended) && { _meta: { ...sessionMeta, ...appended } }),
  }
  return { place, bySystemPrompt }
}
