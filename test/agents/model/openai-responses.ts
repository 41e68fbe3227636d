import type { Dialect } from './dialect.ts'
import { offered, textOf, words } from './script.ts'
import type { Reply } from './script.ts'

type Item = { type?: string; role?: string; content?: unknown }
type ResponsesBody = {
  model?: string
  stream?: boolean
  instructions?: string
  input?: string | Item[]
  tools?: { type: string; name?: string; parameters?: unknown }[]
}

/** OpenAI's responses. Calls are items of their own: each counts as an answer, those side by side as one. */
export const openAiResponses: Dialect = {
  serves: (url) => url.endsWith('/responses'),
  models: (ids) => ({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) }),
  read(given) {
    const body = given as ResponsesBody
    const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : (body.input ?? [])
    return {
      system: body.instructions ?? '',
      model: body.model ?? '',
      stream: body.stream === true,
      messages: items.map((item: Item) => ({
        role: item.role ?? (item.type === 'function_call' ? 'assistant' : 'tool'),
        text: item.role === undefined ? '' : textOf(item.content),
        calls: item.type === 'function_call' ? 1 : 0,
      })),
      tools: (body.tools ?? []).flatMap((one) => (one.name ? [offered(one.name, one.parameters)] : [])),
    }
  },
  whole: (reply, { model }, id) => responseOf(reply, model, id, itemsOf(reply, id)),
  streamed(reply, { model }, id) {
    const event = (type: string, data: Record<string, unknown>): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
    const items = itemsOf(reply, id)
    const frames = [
      event('response.created', { response: { ...responseOf(reply, model, id, []), status: 'in_progress' } }),
    ]
    items.forEach((item, index) => {
      frames.push(
        event('response.output_item.added', {
          output_index: index,
          item: { ...item, ...('content' in item ? { content: [] } : {}) },
        }),
      )
      if (item.type === 'message')
        for (const delta of words(reply.text))
          frames.push(
            event('response.output_text.delta', { item_id: item.id, output_index: index, content_index: 0, delta }),
          )
      if (item.type === 'function_call')
        frames.push(
          event('response.function_call_arguments.delta', {
            item_id: item.id,
            output_index: index,
            delta: item.arguments,
          }),
        )
      frames.push(event('response.output_item.done', { output_index: index, item }))
    })
    frames.push(event('response.completed', { response: responseOf(reply, model, id, items) }))
    return frames
  },
  failure: (_status, message) => ({ error: { message, type: 'scripted', code: 'scripted' } }),
}

function itemsOf(reply: Reply, id: string) {
  const text = reply.calls.length > 0 && reply.text === '' ? [] : [reply.text]
  return [
    ...text.map((said) => ({
      type: 'message' as const,
      id: `msg_${id}`,
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: said, annotations: [] }],
    })),
    ...reply.calls.map(({ name, args }, i) => ({
      type: 'function_call' as const,
      id: `fc_${id}_${i}`,
      call_id: `call_${id}_${i}`,
      name,
      arguments: args,
      status: 'completed',
    })),
  ]
}

function responseOf({ usage }: Reply, model: string, id: string, output: readonly unknown[]) {
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: 0,
    status: 'completed',
    model,
    output,
    usage: {
      input_tokens: usage.input,
      input_tokens_details: { cached_tokens: usage.cached },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: usage.input + usage.output,
    },
  }
}
