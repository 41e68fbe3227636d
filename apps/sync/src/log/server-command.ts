import {
  makeCommand,
  newId,
  SYSTEM,
  type Actor,
  type CommandData,
  type KnownCommand,
  type LogId,
  type Refusal,
  type StreamId,
} from '@coppice/events'
import type { Logs } from './logs.ts'

/** A command that the server itself sends, on behalf of `actor`. Its refusal, if it was refused. */
export async function serverCommand<T extends KnownCommand['type']>(
  logs: Logs,
  address: { log: LogId; stream: StreamId },
  type: T,
  data: CommandData<T>,
  actor: Actor = SYSTEM,
): Promise<Refusal | undefined> {
  const command = makeCommand(address, type, data, { id: newId(), now: Date.now() })
  const writer = await logs.open(address.log)
  const outcome = await writer.submit(command, { kind: 'server', onBehalfOf: actor })
  return outcome.kind === 'refused' ? outcome.refusal : undefined
}
