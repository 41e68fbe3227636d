import type { Command } from '@coppice/events'
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

/** A refused command as a new wish: another id, the same content, built on nothing. Done twice it is one wish. */
export async function sendAgain(outbox: Outbox, commandId: string, newId: string, now: number): Promise<void> {
  const kept = (await outbox.refused()).find(({ command }) => command.id === commandId)
  if (!kept) return
  const { dependsOn: _dependsOn, ...command } = kept.command
  // First here, then gone there: a crash in between leaves it in both, and it can be dismissed.
  await outbox.add({ ...command, id: newId as Command['id'], correlationId: newId, occurredAt: now })
  await outbox.dismiss(commandId)
}

/** What a person wrote in a command, so that a refusal never loses it. */
function textOf(data: Record<string, unknown>): string {
  if (typeof data['text'] === 'string') return data['text']
  const message = data['message']
  if (message && typeof message === 'object' && 'text' in message && typeof message.text === 'string')
    return message.text
  return ''
}
