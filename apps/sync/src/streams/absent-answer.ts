import type { Context } from 'hono'
import { refusal } from '../http/asking.ts'
import type { Absent } from './byte-streams.ts'

/** There is no such stream, said as exactly as is known. */
export function absent(c: Context, { absent: kind, gone }: Absent): Response {
  if (kind === 'held')
    return refusal(c, 410, 'gone', 'This stream was deleted. Others were forked from it, so its name is not free yet.')
  if (gone === 'expired') return refusal(c, 404, 'expired', 'This stream has expired; its bytes are gone.')
  if (gone === 'deleted') return refusal(c, 404, 'deleted', 'This stream was deleted; its bytes are gone.')
  return refusal(c, 404, 'not_found', 'There is no such stream.')
}
