import type { McpServer } from '@agentclientprotocol/sdk/unstable'
import { createMCPClient } from '@ai-sdk/mcp'
import type { MCPClient } from '@ai-sdk/mcp'
import { StdioMCPTransport } from '@ai-sdk/mcp/mcp-stdio'
import { LIMITS } from '../limits.ts'
import type { Tool } from '../tools/tool.ts'
import { serverTool } from './server-tool.ts'

/** The MCP servers of one session, and their tools. */
export class McpServers {
  readonly tools: readonly Tool[]
  /** What did not work, for a person. */
  readonly problems: readonly string[]
  readonly #clients: readonly MCPClient[]

  private constructor(clients: readonly MCPClient[], tools: readonly Tool[], problems: readonly string[]) {
    this.#clients = clients
    this.tools = tools.slice(0, LIMITS.mcpTools)
    const left = tools.length - this.tools.length
    this.problems =
      left > 0 ? [...problems, `${left} tools of MCP servers are left out: there are too many.`] : problems
  }

  /** Connects to all of them. One that does not answer is told as a problem; the session goes on without it. */
  static async connect(servers: readonly McpServer[], cwd: string): Promise<McpServers> {
    const all = await Promise.all(servers.map((server) => connected(server, cwd)))
    return new McpServers(
      all.flatMap(({ client }) => client ?? []),
      all.flatMap(({ tools }) => tools),
      all.flatMap(({ problem }) => problem ?? []),
    )
  }

  async close(): Promise<void> {
    // One that has gone by itself is closed.
    await Promise.allSettled(this.#clients.map((client) => client.close()))
  }
}

type Connected = { readonly client?: MCPClient; readonly tools: readonly Tool[]; readonly problem?: string }

async function connected(server: McpServer, cwd: string): Promise<Connected> {
  const failed = (why: string): Connected => ({ tools: [], problem: `The MCP server "${server.name}" ${why}` })
  const transport = transportOf(server, cwd)
  if (!transport) return failed('is of a kind that this agent does not speak; it takes stdio, http and sse.')
  const opening = createMCPClient({
    transport,
    protocolVersionDiscovery: false,
    initializationOptions: { signal: AbortSignal.timeout(LIMITS.mcpConnectMs), timeout: LIMITS.mcpConnectMs },
    // What goes wrong later is told by the call that meets it.
    onUncaughtError: () => undefined,
  })
  try {
    const client = await opening
    const { tools } = await client.listTools({ options: { timeout: LIMITS.mcpConnectMs } })
    return { client, tools: tools.map((tool) => serverTool(server.name, client, tool)) }
  } catch (error) {
    return failed(`could not be used: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function transportOf(server: McpServer, cwd: string): Parameters<typeof createMCPClient>[0]['transport'] | undefined {
  if (!('type' in server)) {
    const env = Object.fromEntries(server.env.map(({ name, value }) => [name, value]))
    return new StdioMCPTransport({ command: server.command, args: server.args, env, cwd, stderr: 'ignore' })
  }
  if (server.type !== 'http' && server.type !== 'sse') return undefined
  const headers = Object.fromEntries(server.headers.map(({ name, value }) => [name, value]))
  return { type: server.type, url: server.url, headers }
}
