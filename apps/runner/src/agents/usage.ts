import type { PromptResponse, SessionUpdate } from '@agentclientprotocol/sdk/unstable'
import type { ReportedUsage } from './happenings.ts'

/** What an update says about use, if anything. */
export function usageInUpdate(update: SessionUpdate): ReportedUsage | undefined {
  if (update.sessionUpdate === 'usage_update') {
    const { _meta: beside } = update
    return {
      ...tokens(record(beside?.['call'])),
      contextUsed: whole(update.used),
      ...(update.size > 0 ? { contextLimit: whole(update.size) } : {}),
      ...(update.cost?.currency === 'USD' ? { usd: Math.max(0, update.cost.amount) } : {}),
    }
  }
  const { _meta: meta } = update
  return tokens(record(meta?.['usage']))
}

/** What the answer to a prompt says about use: its own field, else a quota in its metadata. */
export function usageInAnswer(answer: PromptResponse): ReportedUsage | undefined {
  if (answer.usage) return tokens({ ...answer.usage })
  const { _meta: meta } = answer
  const quota = record(record(meta?.['quota'])?.['token_count'])
  if (!quota) return undefined
  return { ...number(quota['input_tokens'], 'inputTokens'), ...number(quota['output_tokens'], 'outputTokens') }
}

/** Later numbers win over earlier ones. */
export function mergeUsage(known: ReportedUsage, next: ReportedUsage | undefined): ReportedUsage {
  return { ...known, ...next }
}

/** Numbers that are told for each call of the model, for all of them. */
export function addUsage(known: ReportedUsage, next: ReportedUsage): ReportedUsage {
  const sum = { ...known, ...next }
  const counted = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'] as const
  return counted.reduce<ReportedUsage>(
    (all, key) => (sum[key] === undefined ? all : { ...all, [key]: (known[key] ?? 0) + (next[key] ?? 0) }),
    sum,
  )
}

function tokens(said: Record<string, unknown> | undefined): ReportedUsage | undefined {
  if (!said) return undefined
  return {
    ...number(said['inputTokens'], 'inputTokens'),
    ...number(said['outputTokens'], 'outputTokens'),
    ...number(said['cachedReadTokens'], 'cacheReadTokens'),
    ...number(said['cachedWriteTokens'], 'cacheWriteTokens'),
  }
}

function number<K extends keyof ReportedUsage>(value: unknown, key: K): Partial<Record<K, number>> {
  if (typeof value !== 'number' || !Number.isFinite(value)) return {}
  const found: Partial<Record<K, number>> = {}
  found[key] = whole(value)
  return found
}

function whole(value: number): number {
  return Math.max(0, Math.round(value))
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
}
