import type { Dialect } from './dialect.ts'
import { offered, textOf, words } from './script.ts'
import type { Reply } from './script.ts'

type Part = { text?: string; functionCall?: unknown }
type GenerateBody = {
  systemInstruction?: { parts?: Part[] }
  contents?: { role?: string; parts?: Part[] }[]
  tools?: { functionDeclarations?: { name: string; parameters?: unknown; parametersJsonSchema?: unknown }[] }[]
}

/** Google's generateContent. */
export const gemini: Dialect = {
  serves: (url) => /:(stream)?generateContent/i.test(url),
  models: (ids) => ({
    models: ids.map((id) => ({
      name: `models/${id}`,
      displayName: id,
      inputTokenLimit: 1_000_000,
      supportedGenerationMethods: ['generateContent'],
    })),
  }),
  read(given, url) {
    const body = given as GenerateBody
    return {
      system: textOf(body.systemInstruction?.parts),
      model: /models\/([^:]+):/.exec(url)?.[1] ?? '',
      stream: /streamGenerateContent/i.test(url),
      messages: (body.contents ?? []).map((one) => ({
        role: one.role === 'model' ? 'assistant' : 'user',
        text: textOf(one.parts),
        calls: (one.parts ?? []).filter((part) => part.functionCall !== undefined).length,
      })),
      tools: (body.tools ?? [])
        .flatMap((one) => one.functionDeclarations ?? [])
        .map((one) => offered(one.name, one.parameters ?? one.parametersJsonSchema)),
    }
  },
  whole: (reply) => frame(partsOf(reply), reply, true),
  streamed(reply) {
    const pieces = [
      ...words(reply.thinking).map((text) => [{ text, thought: true }]),
      ...words(reply.text).map((text) => [{ text }]),
      callParts(reply),
    ]
    return pieces.map((parts, i) => `data: ${JSON.stringify(frame(parts, reply, i === pieces.length - 1))}\r\n\r\n`)
  },
  failure: (status, message) => ({
    error: { code: status, message, status: status === 429 ? 'RESOURCE_EXHAUSTED' : 'INTERNAL' },
  }),
}

function callParts({ calls }: Reply) {
  // A signature goes with a call of a thinking model, and must come back with it.
  return calls.map(({ name, args }, i) => ({
    functionCall: { name, args: JSON.parse(args) as unknown },
    ...(i === 0 ? { thoughtSignature: 'c2lnbmVk' } : {}),
  }))
}

function partsOf(reply: Reply) {
  return [
    ...(reply.thinking ? [{ text: reply.thinking, thought: true }] : []),
    ...(reply.text ? [{ text: reply.text }] : []),
    ...callParts(reply),
  ]
}

function frame(parts: readonly unknown[], { finish, usage }: Reply, last: boolean) {
  const reason = finish === 'length' ? 'MAX_TOKENS' : finish === 'refused' ? 'SAFETY' : 'STOP'
  return {
    candidates: [{ index: 0, content: { role: 'model', parts }, ...(last ? { finishReason: reason } : {}) }],
    usageMetadata: {
      promptTokenCount: usage.input,
      cachedContentTokenCount: usage.cached,
      candidatesTokenCount: usage.output,
      totalTokenCount: usage.input + usage.output,
    },
  }
}
