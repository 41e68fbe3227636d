import type { Usage } from '@coppice/events'
import type { ReportedUsage } from '../agents/happenings.ts'

const charsPerToken = 4

/** The use of one turn: as reported; where an agent reported no tokens, estimated from the length of the texts, and said so. */
export function turnUsage(
  provider: string,
  model: string,
  reported: ReportedUsage,
  promptChars: number,
  answerChars: number,
): Usage {
  const told = reported.inputTokens !== undefined || reported.outputTokens !== undefined
  return {
    provider,
    model,
    inputTokens: reported.inputTokens ?? (told ? 0 : Math.ceil(promptChars / charsPerToken)),
    outputTokens: reported.outputTokens ?? (told ? 0 : Math.ceil(answerChars / charsPerToken)),
    cacheReadTokens: reported.cacheReadTokens ?? 0,
    cacheWriteTokens: reported.cacheWriteTokens ?? 0,
    usd: reported.usd ?? 0,
    source: told ? 'reported' : 'estimated',
    ...(reported.contextUsed === undefined ? {} : { contextUsed: reported.contextUsed }),
    ...(reported.contextLimit === undefined ? {} : { contextLimit: reported.contextLimit }),
  }
}
