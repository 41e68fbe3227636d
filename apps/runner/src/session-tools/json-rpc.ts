import { z } from 'zod'
import { toolList, toolNamed, type AnswerCall } from './tools.ts'

/** Versions of the Model Context Protocol that this server speaks, newest first. */
const versions = ['2025-06-18', '2025-03-26', '2024-11-05'] as const

const messageSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
})
type Message = z.infer<typeof messageSchema>

const invalidRequest = -32_600
const methodNotFound = -32_601
const invalidParams = -32_602

export type Reply = { readonly jsonrpc: '2.0'; readonly id: string | number | null } & Readonly<
  { result: unknown } | { error: { code: number; message: string } }
>

const result = (id: string | number, value: unknown): Reply => ({ jsonrpc: '2.0', id, result: value })
const problem = (id: string | number | null, code: number, message: string): Reply => ({
  jsonrpc: '2.0',
  id,
  error: { code, message },
})

/** A message as it came, or what is wrong with it. */
export function readMessage(text: string): { readonly message: Message } | { readonly problem: Reply } {
  const message = messageSchema.safeParse(parsed(text))
  if (message.success) return { message: message.data }
  return { problem: problem(null, invalidRequest, 'Send one JSON-RPC 2.0 message in a request.') }
}

/** Answers one message of the Model Context Protocol; undefined where it wants no answer. */
export async function answerMessage(
  { id, method, params }: Message,
  call: AnswerCall,
  signal: AbortSignal,
): Promise<Reply | undefined> {
  // A notification, or an answer to a question that was never asked.
  if (id === undefined || method === undefined) return undefined
  switch (method) {
    case 'initialize': {
      const wanted = versions.find((one) => one === params?.['protocolVersion'])
      return result(id, {
        protocolVersion: wanted ?? versions[0],
        capabilities: { tools: {} },
        serverInfo: { name: 'coppice', title: 'Coppice', version: '0.1.0' },
      })
    }
    case 'ping':
      return result(id, {})
    case 'tools/list':
      return result(id, { tools: toolList })
    case 'tools/call': {
      const name = toolNamed(params?.['name'])
      if (name === undefined) return problem(id, invalidParams, `There is no tool "${String(params?.['name'])}".`)
      const { text, failed } = await call(name, params?.['arguments'] ?? {}, signal)
      return result(id, { content: [{ type: 'text', text }], isError: failed })
    }
    default:
      return problem(id, methodNotFound, `There is no method "${method}" here.`)
  }
}

/** Whether an answer may take as long as a person does. */
export const mayTakeLong = ({ method }: Message): boolean => method === 'tools/call'

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
