import type { Dialect } from './dialect.ts'
import { offered, textOf, words } from './script.ts'
import type { Reply } from './script.ts'

type Block = { type: string; text?: string; content?: unknown }
type MessagesBody = {
  model?: string
  stream?: boolean
  system?: unknown
  messages?: { role: string; content?: string | Block[] }[]
  tools?: { name: string; input_schema?: unknown }[]
}

/** Anthropic's messages. */
export const anthropicMessages: Dialect = {
  serves: (url) => url.endsWith('/messages'),
  models: (ids) => ({
    data: ids.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' })),
    has_more: false,
  }),
  read(given) {
    const body = given as MessagesBody
    return {
      system: textOf(body.system),
      model: body.model ?? '',
      stream: body.stream === true,
      messages: (body.messages ?? []).map((one) => ({
        role: one.role,
        text: textOf(one.content),
        calls: blocks(one.content, 'tool_use'),
      })),
      tools: (body.tools ?? []).map((one) => offered(one.name, one.input_schema)),
    }
  },
  whole(reply, { model }, id) {
    return {
      id: `msg_${id}`,
      type: 'message',
      role: 'assistant',
      model,
      content: [
        ...(reply.thinking ? [{ type: 'thinking', thinking: reply.thinking, signature: 'signed' }] : []),
        ...(reply.text ? [{ type: 'text', text: reply.text }] : []),
        ...reply.calls.map(({ name, args }, i) => ({
          type: 'tool_use',
          id: `toolu_${id}_${i}`,
          name,
          input: JSON.parse(args) as unknown,
        })),
      ],
      stop_reason: finishOf(reply.finish),
      stop_sequence: null,
      usage: usageOf(reply.usage),
    }
  },
  streamed(reply, { model }, id) {
    const event = (type: string, data: Record<string, unknown>): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
    const frames: string[] = []
    let index = 0
    const block = (start: unknown, deltas: readonly unknown[]): void => {
      frames.push(event('content_block_start', { index, content_block: start }))
      for (const delta of deltas) frames.push(event('content_block_delta', { index, delta }))
      frames.push(event('content_block_stop', { index }))
      index += 1
    }
    const message = {
      id: `msg_${id}`,
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
    }
    frames.push(
      event('message_start', { message: { ...message, usage: { ...usageOf(reply.usage), output_tokens: 1 } } }),
    )
    if (reply.thinking)
      block({ type: 'thinking', thinking: '', signature: '' }, [
        ...words(reply.thinking).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: 'signed' },
      ])
    if (reply.text)
      block(
        { type: 'text', text: '' },
        words(reply.text).map((text) => ({ type: 'text_delta', text })),
      )
    reply.calls.forEach(({ name, args }, i) => {
      const half = Math.ceil(args.length / 2)
      const parts = [args.slice(0, half), args.slice(half)].map((part) => ({
        type: 'input_json_delta',
        partial_json: part,
      }))
      block({ type: 'tool_use', id: `toolu_${id}_${i}`, name, input: {} }, parts)
    })
    frames.push(
      event('message_delta', {
        delta: { stop_reason: finishOf(reply.finish), stop_sequence: null },
        usage: { output_tokens: reply.usage.output },
      }),
      event('message_stop', {}),
    )
    return frames
  },
  failure: (status, message) => ({
    type: 'error',
    error: { type: status === 429 ? 'rate_limit_error' : 'api_error', message },
  }),
}

function blocks(content: string | Block[] | undefined, type: string): number {
  return Array.isArray(content) ? content.filter((block) => block.type === type).length : 0
}

function finishOf(finish: Reply['finish']): string {
  return { stop: 'end_turn', calls: 'tool_use', length: 'max_tokens', refused: 'refusal' }[finish]
}

function usageOf({ input, output, cached }: Reply['usage']) {
  return {
    input_tokens: input - cached,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: 0,
    output_tokens: output,
  }
}
