import { z } from 'zod'

/** Why a command was refused. One word for programs, one sentence for people: what was wrong and what to do. */
export const refusalCodes = [
  'invalid',
  'too_large',
  'forbidden',
  'unknown_log',
  'not_found',
  'already_exists',
  'wrong_state',
  'queue_full',
  'message_delivered',
  'approval_settled',
  'action_settled',
  'operation_settled',
  'conflict',
  'dependency_refused',
  'fenced',
  'rate_limited',
  'unsupported',
  /** Older than receipts are kept: whether it was answered before is not known any more. */
  'too_old',
  /** A file that the command names is not on the server. Not final: send the file, then offer the command again. */
  'blob_missing',
  /** Made on the device: it has no room, or no storage, for the outbox. */
  'not_stored',
] as const
export const refusalSchema = z.object({ code: z.enum(refusalCodes), message: z.string() })
export type Refusal = z.infer<typeof refusalSchema>
export type RefusalCode = Refusal['code']

export const refuse = (code: RefusalCode, message: string): Refusal => ({ code, message })

export const isRefusal = (value: object): value is Refusal => 'code' in value && 'message' in value
