import type { McpServer } from '@agentclientprotocol/sdk/unstable'
import type { Quirks } from './recipe.ts'

/** What a request for an agent's session says of it: where it works, what it is told, which servers it may use. */
export function sessionPlace(
  cwd: string,
  { sessionMeta, systemPromptMeta }: Quirks,
  instructions: string,
  mcpServers: McpServer[],
): { cwd: string; mcpServers: McpServer[]; _meta?: Record<string, unknown> } {
  const told = systemPromptMeta && instructions !== '' ? { systemPrompt: { append: instructions } } : undefined
  return { cwd, mcpServers, ...((sessionMeta ?? told) && { _meta: { ...sessionMeta, ...told } }) }
}
