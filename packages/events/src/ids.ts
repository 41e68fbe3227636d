import { bytesToHex, randomBytes } from '@noble/hashes/utils.js'
import { z } from 'zod'

/** A string with a name the type checker knows. */
export type Brand<Name extends string> = string & { readonly __brand: Name }

export type CommandId = Brand<'CommandId'>
export type EventId = Brand<'EventId'>
export type LogId = Brand<'LogId'>
export type StreamId = Brand<'StreamId'>

const idPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

/** An id made by a client, server or runner: 1 to 64 letters, digits, `-`, `_`. Normally a UUIDv7. */
export const idSchema = z.string().regex(idPattern, 'an id is 1 to 64 letters, digits, - or _')

export const logIdSchema = z
  .string()
  .regex(/^(instance|(user|workspace):[A-Za-z0-9_-]{1,64})$/, 'a log is instance, user:<id> or workspace:<id>')
  .transform((text) => text as LogId)

export const streamIdSchema = z
  .string()
  // Of any kind: a later version may know more of them, and what it appends is kept and forwarded (EV-4).
  .regex(/^[a-z]{1,30}(\/[A-Za-z0-9_-]{1,64})?$/, 'not a stream id')
  .transform((text) => text as StreamId)

export const commandIdSchema = idSchema.transform((text) => text as CommandId)

export const INSTANCE_LOG = 'instance' as LogId
export const INSTANCE_STREAM = 'instance' as StreamId
export const WORKSPACE_STREAM = 'workspace' as StreamId
export const USER_STREAM = 'user' as StreamId
/** What a log says of itself; in every log. */
export const LOG_STREAM = 'log' as StreamId

export const workspaceLog = (workspaceId: string): LogId => `workspace:${workspaceId}` as LogId
export const userLog = (userId: string): LogId => `user:${userId}` as LogId
export const sessionStream = (sessionId: string): StreamId => `session/${sessionId}` as StreamId
export const groupStream = (groupId: string): StreamId => `group/${groupId}` as StreamId
export const botStream = (botId: string): StreamId => `bot/${botId}` as StreamId
export const runnerStream = (runnerId: string): StreamId => `runner/${runnerId}` as StreamId

/** The part after the first `:` of a log or `/` of a stream; empty where there is none. */
export function idIn(name: LogId | StreamId): string {
  // Asked several times of every event: no pattern, no allocation but the id.
  const colon = name.indexOf(':')
  const at = colon < 0 ? name.indexOf('/') : colon
  return at < 0 ? '' : name.slice(at + 1)
}

/** The id of a command's n-th event (from 0): deciding the command again gives the same ids. */
export const eventIdOf = (commandId: CommandId, n: number): EventId => `${commandId}.${n}` as EventId

/** A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, the rest random. Pure code takes ids as arguments; the edges call this. */
export function newId(now: number = Date.now(), random: Uint8Array = randomBytes(10)): string {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(now) << 16n)
  bytes.set(random.subarray(0, 10), 6)
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  const hex = bytesToHex(bytes)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
