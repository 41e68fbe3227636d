import type { PlanEntry, ToolCallUpdate } from '@agentclientprotocol/sdk/unstable'
import type { Happening } from './happenings.ts'

type Plan = Extract<Happening, { kind: 'plan' }>

/** A plan as the protocol has it. */
export function planOf(entries: readonly PlanEntry[]): Plan {
  return { kind: 'plan', entries: entries.map((entry) => ({ text: entry.content, status: statusOf(entry.status) })) }
}

/** Some agents keep their plan with a tool of their own instead: a list of things with a text and a status. */
export function planInTool(update: ToolCallUpdate): Plan | undefined {
  const input = update.rawInput
  if (typeof input !== 'object' || input === null) return undefined
  const list = 'todos' in input ? input.todos : 'plan' in input ? input.plan : undefined
  if (!Array.isArray(list)) return undefined
  const entries = list.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return []
    const text = 'content' in one ? one.content : 'step' in one ? one.step : undefined
    return typeof text === 'string' ? [{ text, status: statusOf('status' in one ? one.status : '') }] : []
  })
  return entries.length > 0 ? { kind: 'plan', entries } : undefined
}

function statusOf(said: unknown): Plan['entries'][number]['status'] {
  return said === 'completed' ? 'done' : said === 'in_progress' ? 'in_progress' : 'pending'
}
