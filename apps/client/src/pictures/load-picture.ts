import type { LogId } from '@coppice/events'
import type { PictureType, QueryAnswer } from '@coppice/protocol'
import type { Replica } from '@coppice/replica'
import { askOrKept, type WithAge } from '../sync/kept-answers.ts'

/** A picture's bytes, or why there are none. */
export type LoadedPicture =
  | {
      readonly ok: true
      readonly blob: Blob
      readonly type: PictureType
      readonly asOf?: number
    }
  | { readonly ok: false; readonly message: string }

/** Where a picture is: in a session's worktree, or on one side of a comparison. */
export interface PicturePlace {
  readonly log: LogId
  readonly sessionId: string
  readonly path: string
  readonly tree?: string
}

/** A file that is written all the time is given up after so many begins. */
const BEGINS = 3

/** Fetches a picture part by part. One that changes meanwhile is begun anew: parts of two pictures are no picture. */
export async function loadPicture(replica: Replica, { log, ...place }: PicturePlace): Promise<LoadedPicture> {
  for (let begins = 0; begins < BEGINS; begins += 1) {
    const parts: Uint8Array<ArrayBuffer>[] = []
    let sha256: string | undefined
    let next: number | undefined = 0
    while (next !== undefined) {
      const answer: WithAge<QueryAnswer<'picture.read'>> = await askOrKept<'picture.read'>(replica, log, {
        kind: 'picture.read',
        ...place,
        offset: next,
      })
      if (!answer.ok) return { ok: false, message: answer.message }
      sha256 ??= answer.sha256
      if (answer.sha256 !== sha256) break
      parts.push(Uint8Array.from(atob(answer.data), (letter) => letter.charCodeAt(0)))
      next = answer.next
      if (next !== undefined) continue
      const { type, asOf } = answer
      // The type is one of a few, never what a file says it is: an <img> runs nothing.
      return { ok: true, blob: new Blob(parts, { type }), type, ...(asOf !== undefined && { asOf }) }
    }
  }
  return { ok: false, message: 'The picture is being written again and again. Look again later.' }
}
