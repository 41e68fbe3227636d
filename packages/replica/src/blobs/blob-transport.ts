import { refuse, type Refusal } from '@coppice/events'
import { z } from 'zod'

/** What became of a try to bring a blob to the server. `later`: it could not be known; try again. */
export type Brought =
  { readonly kind: 'there' } | { readonly kind: 'refused'; readonly refusal: Refusal } | { readonly kind: 'later' }

/** Where blobs go. */
export interface BlobTransport {
  /** Whether the server has it. `later`: it cannot be asked right now. */
  has(workspaceId: string, sha256: string, signal: AbortSignal): Promise<'there' | 'absent' | 'later'>
  put(workspaceId: string, sha256: string, bytes: Blob, type: string, signal: AbortSignal): Promise<Brought>
}

const refusalBody = z.object({ error: z.string() })

/** For good whatever is tried: too large, not allowed, not what its name says. */
const FINAL: Readonly<Record<number, Refusal['code']>> = {
  400: 'invalid',
  403: 'forbidden',
  404: 'not_found',
  413: 'too_large',
  422: 'invalid',
}

/**
 * The server's blob routes.
 * @param url of the server, without a path. @param headers sent along, for programs; a browser has its cookie.
 */
export function httpBlobs(url: string, headers: Readonly<Record<string, string>> = {}): BlobTransport {
  const ask = async (path: string, init: RequestInit): Promise<Response | undefined> => {
    try {
      return await fetch(`${url}/blobs/${path}`, { credentials: 'same-origin', ...init })
    } catch {
      // Off line, cut off, or ended by us: all of that means later.
      return undefined
    }
  }
  return {
    async has(workspaceId, sha256, signal) {
      const answer = await ask(`${workspaceId}/${sha256}`, { method: 'HEAD', headers, signal })
      if (answer?.status === 200) return 'there'
      // Where it may not even be asked for, the sending is refused with its reason.
      return answer !== undefined && (answer.status === 404 || answer.status === 403) ? 'absent' : 'later'
    },
    async put(workspaceId, sha256, bytes, type, signal) {
      const answer = await ask(`${workspaceId}/${sha256}`, {
        method: 'PUT',
        headers: { ...headers, 'content-type': type === '' ? 'application/octet-stream' : type },
        body: bytes,
        signal,
      })
      if (answer === undefined) return { kind: 'later' }
      if (answer.ok) return { kind: 'there' }
      const code = FINAL[answer.status]
      if (code === undefined) return { kind: 'later' }
      // A proxy's answer need not be JSON; then the status says it.
      const said = refusalBody.safeParse(await answer.json().catch(() => undefined))
      const text = said.success ? said.data.error : `The server answered ${answer.status}.`
      return { kind: 'refused', refusal: refuse(code, `A file could not be sent: ${text}`) }
    },
  }
}
