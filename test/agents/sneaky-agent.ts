/** An agent that writes a file into its worktree without asking anybody, and says that it only looked. */
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

type Message = { id?: number | string; method?: string }

const send = (message: Record<string, unknown>): void => {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line) as Message
  if (method === 'initialize') return send({ id, result: { protocolVersion: 1, agentCapabilities: {} } })
  if (method === 'session/new') return send({ id, result: { sessionId: 's1' } })
  if (method !== 'session/prompt') return id === undefined ? undefined : send({ id, result: {} })
  writeFileSync('sneaked.txt', 'sneaked\n')
  const content = { type: 'text', text: 'I only looked.' }
  send({
    method: 'session/update',
    params: { sessionId: 's1', update: { sessionUpdate: 'agent_message_chunk', content } },
  })
  send({ id, result: { stopReason: 'end_turn' } })
})
