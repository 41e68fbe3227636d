import type { Happening, ReportedUsage } from '../agents/happenings.ts'
import type { Working } from './working.ts'

type Plan = Extract<Happening, { kind: 'plan' }>

/** Passes on what an agent does: its words, its steps, its plan, what it took. */
export function hear(
  happening: Happening,
  { spoken, tools }: Pick<Working, 'spoken' | 'tools'>,
  tell: { plan(entries: Plan['entries']): void; usage(usage: ReportedUsage): void },
): void {
  switch (happening.kind) {
    case 'text': {
      const { channel, messageKey, text, parentCallId } = happening
      // What a sub-agent says stands under the call that began it.
      return spoken.say(channel, messageKey, text, parentCallId === undefined ? undefined : tools.idOf(parentCallId))
    }
    case 'tool':
      spoken.end('whole')
      return tools.update(happening.call)
    case 'plan':
      return tell.plan(happening.entries)
    case 'usage':
      return tell.usage(happening.usage)
  }
}
