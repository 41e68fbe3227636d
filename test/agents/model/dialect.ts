import type { AskedModel, Reply } from './script.ts'

/** One API of models: how a request is read, and an answer written. */
export type Dialect = {
  serves(url: string): boolean
  /** The list of models. */
  models(ids: readonly string[]): unknown
  read(body: unknown, url: string): AskedModel
  whole(reply: Reply, asked: AskedModel, id: string): unknown
  /** Frames of the event stream, in order. */
  streamed(reply: Reply, asked: AskedModel, id: string): readonly string[]
  failure(status: number, message: string): unknown
}
