import { refuse, type Refusal } from '@coppice/events'
import { z } from 'zod'

/** What became of a try to bring a blob to the server. `later`: it could not be known; try again. */
export type Brought =
  { readonly kind: 'there' } | { readonly kind: 'refused'; readonly refusal: Refusal } | { readonly kind: 'later' }

/** Where blobs go. */
export interface BlobTransport {
  /** Whether the server has it. `later`: it cannot be asked right now. */
  has(workspaceId: string, sha256: string, signal: AbortSignal): Promise<'there' | 'absent' | 'later'>
  /** @param sent told from time to time how much of it has gone, 0 to 1, where that can be known */
  put(
    workspaceId: string,
    sha256: string,
    bytes: Blob,
    type: string,
    signal: AbortSignal,
    sent: (fraction: number) => void,
  ): Promise<Brought>
}

/** Sends a body; undefined where there was no answer: off line, cut off, or ended by us. */
export type Put = (of: {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Blob
  readonly signal: AbortSignal
  readonly sent: (fraction: number) => void
}) => Promise<{ readonly status: number; readonly text: string } | undefined>

const fetchPut: Put = async ({ url, headers, body, signal }) => {
  try {
    const answer = await fetch(url, { method: 'PUT', credentials: 'same-origin', headers, body, signal })
    return { status: answer.status, text: await answer.text() }
  } catch {
    return undefined
  }
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
 * @param url of the server, without a path. @param headers sent along, for programs; a browser has its cookie. @param put how it sends
 */
export function httpBlobs(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  put: Put = fetchPut,
): BlobTransport {
  const addressOf = (workspaceId: string, sha256: string): string => `${url}/blobs/${workspaceId}/${sha256}`
  const head = async (address: string, signal: AbortSignal): Promise<Response | undefined> => {
    try {
      return await fetch(address, { method: 'HEAD', credentials: 'same-origin', headers, signal })
    } catch {
      // Off line, cut off, or ended by us: all of that means later.
      return undefined
    }
  }
  return {
    async has(workspaceId, sha256, signal) {
      const answer = await head(addressOf(workspaceId, sha256), signal)
      if (answer?.status === 200) return 'there'
      // Where it may not even be asked for, the sending is refused with its reason.
      return answer !== undefined && (answer.status === 404 || answer.status === 403) ? 'absent' : 'later'
    },
    async put(workspaceId, sha256, bytes, type, signal, sent) {
      const answer = await put({
        url: addressOf(workspaceId, sha256),
        headers: { ...headers, 'content-type': type === '' ? 'application/octet-stream' : type },
        body: bytes,
        signal,
        sent,
      })
      if (answer === undefined) return { kind: 'later' }
      if (answer.status >= 200 && answer.status < 300) return { kind: 'there' }
      const code = FINAL[answer.status]
      if (code === undefined) return { kind: 'later' }
      // A proxy's answer need not be JSON; then the status says it.
      const said = refusalBody.safeParse(jsonOf(answer.text))
      const text = said.success ? said.data.error : `The server answered ${answer.status}.`
      return { kind: 'refused', refusal: refuse(code, `A file could not be sent: ${text}`) }
    },
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
