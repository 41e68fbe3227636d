import type { Dialect } from './dialect.ts'
import { offered, textOf, words } from './script.ts'

type ChatBody = {
  model?: string
  stream?: boolean
  messages?: { role: string; content?: unknown; tool_calls?: unknown[] }[]
  tools?: { function: { name: string; parameters?: unknown } }[]
}

/** OpenAI's chat completions. */
export const openAiChat: Dialect = {
  serves: (url) => url.endsWith('/chat/completions'),
  models: (ids) => ({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) }),
  read(given) {
    const body = given as ChatBody
    return {
      system: textOf(body.messages?.find((one) => one.role === 'system')?.content),
      model: body.model ?? '',
      stream: body.stream === true,
      messages: (body.messages ?? []).map((one) => ({
        role: one.role,
        text: textOf(one.content),
        calls: one.role === 'assistant' ? (one.tool_calls?.length ?? 0) : 0,
      })),
      tools: (body.tools ?? []).map((one) => offered(one.function.name, one.function.parameters)),
    }
  },
  whole(reply, { model }, id) {
    const toolCalls = callsOf(reply.calls, id)
    return {
      id,
      object: 'chat.completion',
      created: 0,
      model,
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: reply.text || null,
            ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
          },
          finish_reason: finishOf(reply.finish),
        },
      ],
      usage: usageOf(reply.usage),
    }
  },
  streamed(reply, { model }, id) {
    const frame = { id, object: 'chat.completion.chunk', created: 0, model }
    const chunk = (delta: unknown, reason: string | null = null): string =>
      `data: ${JSON.stringify({ ...frame, choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`
    return [
      chunk({ role: 'assistant', content: '' }),
      ...words(reply.thinking).map((word) => chunk({ reasoning_content: word })),
      ...words(reply.text).map((word) => chunk({ content: word })),
      ...callsOf(reply.calls, id).map((call) => chunk({ tool_calls: [call] })),
      chunk({}, finishOf(reply.finish)),
      `data: ${JSON.stringify({ ...frame, choices: [], usage: usageOf(reply.usage) })}\n\n`,
      'data: [DONE]\n\n',
    ]
  },
  failure: (_status, message) => ({ error: { message, type: 'scripted' } }),
}

function callsOf(calls: readonly { name: string; args: string }[], id: string) {
  return calls.map(({ name, args }, index) => ({
    index,
    id: `call_${id}_${index}`,
    type: 'function',
    function: { name, arguments: args },
  }))
}

function finishOf(finish: string): string {
  return finish === 'calls' ? 'tool_calls' : finish === 'refused' ? 'content_filter' : finish
}

function usageOf({ input, output, cached }: { input: number; output: number; cached: number }) {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
  }
}
