import type { Outbox } from './outbox.ts'
import type { RefusedCommand } from './replica.ts'

/** What the outbox keeps of refused commands, as pages show it. */
export async function refusedCommands(outbox: Outbox): Promise<readonly RefusedCommand[]> {
  return (await outbox.refused()).map(({ command, refusal, at }) => ({
    commandId: command.id,
    type: command.type,
    stream: command.stream,
    refusal,
    text: textOf(command.data),
    at,
  }))
}

/** What a person wrote in a command, so that a refusal never loses it. */
function textOf(data: Record<string, unknown>): string {
  if (typeof data['text'] === 'string') return data['text']
  const message = data['message']
  if (message && typeof message === 'object' && 'text' in message && typeof message.text === 'string')
    return message.text
  return ''
}
