import { setTimeout as pause } from 'node:timers/promises'
import { newId, workspaceLog, type AnyEvent, type Command } from '@coppice/events'
import { expect } from 'vitest'
import { createSession, createWorkspace, renameSession } from './commands.ts'
import type { ServerProcess } from './server-process.ts'
import { SyncClient } from './sync-client.ts'

const IN_FLIGHT = 32

/** What a client knows: what it sent and has no answer for, and what was acknowledged, with the positions it was told. */
export interface Known {
  readonly workspaceId: string
  readonly sessionId: string
  readonly pending: Map<string, Command>
  readonly acknowledged: Map<string, { from: number; to: number }>
}

/** Sends commands as fast as they are answered, until the server dies; what was pending before comes first. */
export async function load(client: SyncClient, known: Known, name: () => string): Promise<void> {
  const send = (command: Command): void => {
    known.pending.set(command.id, command)
    client.send({ t: 'push', commands: [command] })
  }
  for (const command of known.pending.values()) send(command)
  let read = client.received.length
  while (client.socket.readyState === client.socket.OPEN) {
    for (; read < client.received.length; read += 1) {
      const message = client.received[read]
      if (message?.t !== 'receipt') continue
      if (message.result.kind === 'refused') throw new Error(`refused: ${JSON.stringify(message)}`)
      known.acknowledged.set(message.commandId, message.result)
      known.pending.delete(message.commandId)
    }
    while (known.pending.size < IN_FLIGHT) send(renameSession(known.workspaceId, known.sessionId, name()))
    await pause(1)
  }
}

/** Every acknowledged command is in the log, once, where its receipt said; positions have no gap. */
export async function check(
  client: SyncClient & { welcome: { logs: { log: string; head: number }[] } },
  known: Known,
  seed: number,
): Promise<AnyEvent[]> {
  const log = workspaceLog(known.workspaceId)
  const head = client.welcome.logs.find((one) => one.log === log)?.head ?? 0
  client.subscribe(log)
  const events = await client.eventsUpTo(log, head)
  expect(events.map((event) => event.position)).toEqual(events.map((_, index) => index + 1))
  const times = new Map<string, number>()
  for (const event of events) times.set(event.id, (times.get(event.id) ?? 0) + 1)
  for (const [commandId, { from }] of known.acknowledged) {
    expect(events[from - 1]?.id, `acknowledged at ${from}, seed ${seed}`).toBe(`${commandId}.0`)
    expect(times.get(`${commandId}.0`)).toBe(1)
  }
  return events
}

/** A workspace with one session, which commands will be sent to. */
export async function begin(first: Pick<ServerProcess, 'url' | 'ownerToken' | 'runnerId'>): Promise<Known> {
  const known: Known = { workspaceId: newId(), sessionId: newId(), pending: new Map(), acknowledged: new Map() }
  const owner = await SyncClient.connect(first.url, { token: first.ownerToken })
  await owner.push(createWorkspace(known.workspaceId, first.runnerId))
  await owner.push(createSession(known.workspaceId, known.sessionId))
  await owner.close()
  return known
}
