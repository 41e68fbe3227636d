import { fileURLToPath } from 'node:url'
import type { AgentCapabilities, McpServer } from '@agentclientprotocol/sdk/unstable'
import type { ToolCall } from '../agents/happenings.ts'
import { derivedId } from '../derived-id.ts'
import type { Admission } from './tool-server.ts'
import type { ToolName } from './tools.ts'

/**
 * What the server is called in a session. The end of the name is the session's own: a repository that brings a server
 * under this name is not taken for ours.
 */
export const serverName = (sessionId: string): string => `coppice-${derivedId(sessionId, 'tools').slice(0, 4)}`

/** How an agent gets to the tools: over HTTP where it speaks that, else through a process that passes its lines on. */
export function serverEntry(
  name: string,
  { url, token }: Admission,
  capabilities: AgentCapabilities | undefined,
): McpServer {
  if (capabilities?.mcpCapabilities?.http)
    return { type: 'http', name, url, headers: [{ name: 'Authorization', value: `Bearer ${token}` }] }
  return {
    name,
    command: process.execPath,
    args: [fileURLToPath(new URL('stdio-proxy.ts', import.meta.url))],
    env: [
      { name: 'COPPICE_TOOLS_URL', value: url },
      { name: 'COPPICE_TOOLS_TOKEN', value: token },
    ],
  }
}

/** Which of our tools a call is of, by the ways in which agents name tools of MCP servers. */
export function ownTool(server: string, { family, title, name }: ToolCall): ToolName | undefined {
  if (family !== 'other') return undefined
  const said = [title, name ?? '']
  const names: readonly ToolName[] = ['ask_question', 'create_plan', 'create_ticket', 'log_event']
  return names.find((tool) => {
    const ways = [`mcp__${server}__${tool}`, `${server}: ${tool}`, `${server}_${tool}`, `${server}.${tool}`]
    const more = [`${server}/${tool}`, `${tool} (${server} MCP Server)`, `mcp.${server}.${tool}`]
    return said.some((one) => [...ways, ...more].includes(one.trim()))
  })
}
