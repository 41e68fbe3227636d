/** Bytes of a stream as they are kept (JSON messages as lines), and how the stream stood when they were read. */
export interface Page {
  readonly bytes: Uint8Array
  readonly next: number
  readonly tail: number
  readonly closed: boolean
}

/** Something that is read by offset and grows: a byte stream, or a log. */
export interface Readable {
  /** Names this very stream, for caches; another one of the same name has another. */
  readonly id: string
  readonly contentType: string
  /** A page from an offset on; undefined when the stream is gone or the reader may not read it any more. */
  page(from: number): Promise<Page | undefined>
  /** A wait for news, registered at once. */
  listen(signal: AbortSignal): { readonly news: Promise<void>; letGo(): void }
}
