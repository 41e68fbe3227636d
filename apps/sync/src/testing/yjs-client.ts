import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket, type ClientOptions } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import type { By } from './members.ts'

/** A document behind the stock y-websocket provider, in the room of a server. */
export interface YjsClient {
  readonly doc: Y.Doc
  readonly text: Y.Text
  readonly provider: WebsocketProvider
  /** Settles when the server closes for good; the code and reason that it gave. */
  readonly closed: Promise<{ code: number; reason: string }>
  leave(): void
}

export function yjsClient(url: string, room: string, by: By, doc = new Y.Doc()): YjsClient {
  class SignedInSocket extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[], options?: ClientOptions) {
      super(address, protocols, { ...options, headers: by })
    }
  }
  return yjsClientOver(SignedInSocket as unknown as typeof globalThis.WebSocket, url, room, doc)
}

/** The same over sockets of one's own. */
export function yjsClientOver(Socket: typeof globalThis.WebSocket, url: string, room: string, doc: Y.Doc): YjsClient {
  const provider = new WebsocketProvider(`${url.replace(/^http/, 'ws')}/yjs`, room, doc, {
    WebSocketPolyfill: Socket,
    disableBc: true,
    maxBackoffTime: 100,
  })
  provider.on('connection-error', () => undefined)
  const closed = new Promise<{ code: number; reason: string }>((resolve) => provider.once('closed', resolve))
  const leave = (): void => {
    provider.destroy()
    doc.destroy()
  }
  return { doc, text: doc.getText('draft'), provider, closed, leave }
}

/** Waits until it is so; fails with what is instead. */
export async function until<T>(look: () => T, wanted: (value: T) => boolean, patienceMs = 60_000): Promise<T> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await pause(5)) {
    const value = look()
    if (wanted(value)) return value
  }
  throw new Error(`it did not come to be; instead: ${JSON.stringify(look())}`)
}
