import { TERMINAL_CLOSED, terminalNewsSchema, type TerminalInput, type TerminalNews } from '@coppice/protocol'

const RETRY_MS = 1_500

export type LinkState = 'opening' | 'open' | 'away' | 'ended'

/** The socket of one terminal; it is opened anew when it breaks, and ends when the terminal has. */
export class TerminalLink {
  readonly #url: string
  readonly #told: {
    state(state: LinkState, why: string): void
    news(news: TerminalNews): void
    bytes(bytes: Uint8Array): void
  }
  #socket: WebSocket | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(
    path: string,
    told: {
      state(state: LinkState, why: string): void
      news(news: TerminalNews): void
      bytes(bytes: Uint8Array): void
    },
  ) {
    const url = new URL(path, location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    this.#url = url.href
    this.#told = told
    this.#open()
  }

  /** What is typed while nobody is there is lost, as at a terminal that is not connected. */
  send(input: TerminalInput): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(input))
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#socket?.close()
  }

  #open(): void {
    this.#told.state('opening', '')
    const socket = new WebSocket(this.#url)
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (this.#socket !== socket || this.#closed) return
      if (typeof data !== 'string') return this.#told.bytes(new Uint8Array(data))
      const news = terminalNewsSchema.safeParse(JSON.parse(data))
      if (!news.success) return
      if (news.data.k === 'begin') this.#told.state('open', '')
      this.#told.news(news.data)
    })
    socket.addEventListener('close', ({ code, reason }) => {
      if (this.#socket !== socket || this.#closed) return
      if (code === TERMINAL_CLOSED.unauthorized) return this.#told.state('ended', reason)
      this.#told.state('away', reason)
      this.#retry = setTimeout(() => this.#open(), RETRY_MS)
    })
  }
}
