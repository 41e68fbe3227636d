/** A small MCP server on standard input and output, for tests: one tool that repeats, and one that fails. */
import { createInterface } from 'node:readline'

type Request = {
  id?: number | string
  method?: string
  params?: { name?: string; arguments?: { text?: string }; protocolVersion?: string }
}

const input = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }
const tools = [
  { name: 'echo', description: 'Repeats a text', inputSchema: input },
  { name: 'break it', description: 'Fails', inputSchema: input },
]

function result({ method, params }: Request): unknown {
  if (method === 'initialize')
    return {
      protocolVersion: params?.protocolVersion ?? '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name: 'echo', version: '1' },
    }
  if (method === 'tools/list') return { tools }
  if (method === 'tools/call') {
    const fails = params?.name !== 'echo'
    const text = fails ? 'it broke' : `echo: ${params?.arguments?.text ?? ''}`
    return { content: [{ type: 'text', text }], isError: fails }
  }
  return undefined
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line) as Request
  if (request.id === undefined) return
  const found = result(request)
  const answer = found === undefined ? { error: { code: -32601, message: 'Method not found' } } : { result: found }
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, ...answer })}\n`)
})
