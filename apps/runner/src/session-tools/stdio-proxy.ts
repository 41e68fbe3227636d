/**
 * For agents that speak to MCP servers on standard input and output only: passes each line to the runner's tool server
 * and its answers back. Address and token come by environment: COPPICE_TOOLS_URL, COPPICE_TOOLS_TOKEN.
 */
import { createInterface } from 'node:readline'

const url = process.env['COPPICE_TOOLS_URL'] ?? ''
const token = process.env['COPPICE_TOOLS_TOKEN'] ?? ''
const calls = new Map<unknown, AbortController>()

type Message = { id?: string | number; method?: string; params?: { requestId?: unknown } }

async function pass(line: string): Promise<void> {
  const message = JSON.parse(line) as Message
  if (message.method === 'notifications/cancelled') calls.get(message.params?.requestId)?.abort()
  const stop = new AbortController()
  if (message.id !== undefined) calls.set(message.id, stop)
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: line,
      signal: stop.signal,
    })
    const text = await answer.text()
    if (answer.status === 202) return
    if (!answer.ok && !text.startsWith('{')) throw new Error(`${answer.status}: ${text}`)
    const data = text.startsWith('{')
      ? text
      : text
          .split('\n')
          .find((one) => one.startsWith('data: '))
          ?.slice(6)
    if (data !== undefined) process.stdout.write(`${data}\n`)
  } finally {
    calls.delete(message.id)
  }
}

function failed(line: string, error: unknown): void {
  const { id } = JSON.parse(line) as Message
  if (id === undefined) return
  const message = `The runner could not be asked: ${error instanceof Error ? error.message : String(error)}`
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_000, message } })}\n`)
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (line.trim() !== '') pass(line).catch((error: unknown) => failed(line, error))
  })
  .on('close', () => process.exit(0))
