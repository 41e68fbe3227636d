import type { ListToolsResult, MCPClient } from '@ai-sdk/mcp'
import { LIMITS } from '../limits.ts'
import type { Tool } from '../tools/tool.ts'
import { ToolProblem } from '../tools/tool.ts'

type Described = ListToolsResult['tools'][number]

/** A tool of an MCP server as one of ours, under the server's name: `mcp__server__tool`. */
export function serverTool(serverName: string, client: MCPClient, tool: Described): Tool {
  const name = `mcp__${plain(serverName)}__${plain(tool.name)}`.slice(0, 64)
  return {
    name,
    description: (tool.description ?? tool.name).slice(0, 4_000),
    // What only reads may be used in Plan, too; whoever drives the agent is asked all the same.
    effect: tool.annotations?.readOnlyHint === true ? 'read' : 'other',
    schema: { type: 'object', ...tool.inputSchema },
    prepare(input) {
      if (typeof input !== 'object' || input === null || Array.isArray(input))
        return Promise.reject(new ToolProblem(`${name} takes a JSON object.`))
      return Promise.resolve({
        shown: { title: `${serverName}: ${tool.title ?? tool.name}`, kind: 'other' },
        outside: tool.annotations?.readOnlyHint === true,
        async run({ signal }) {
          const args = { ...input } as Record<string, unknown>
          const options = { signal, timeout: waitsForPerson(tool) ? LIMITS.mcpPersonMs : LIMITS.mcpCallMs }
          const result = await client.callTool({ name: tool.name, arguments: args, options })
          const text = textOf(result)
          const cut =
            text.length > LIMITS.mcpChars
              ? `${text.slice(0, LIMITS.mcpChars)}\n… (${text.length - LIMITS.mcpChars} more characters were cut)`
              : text
          return { text: cut === '' ? '(no output)' : cut, failed: result['isError'] === true }
        },
      })
    },
  }
}

/** A call that a person answers takes as long as that person does. */
function waitsForPerson({ _meta: meta }: Described): boolean {
  return meta?.['coppice/waitsForPerson'] === true
}

/** Endpoints take letters, digits, `_` and `-`. */
function plain(name: string): string {
  return name.replace(/[^\w-]+/g, '_')
}

function textOf(result: Readonly<Record<string, unknown>>): string {
  const { content } = result
  if (!Array.isArray(content)) return JSON.stringify(result)
  const parts = content.map((part: unknown) => {
    if (typeof part !== 'object' || part === null) return ''
    if ('text' in part && typeof part.text === 'string') return part.text
    if ('resource' in part && typeof part.resource === 'object' && part.resource !== null && 'text' in part.resource)
      return String(part.resource.text)
    return `(${'type' in part ? String(part.type) : 'something'} that cannot be shown as text)`
  })
  return parts.join('\n')
}
