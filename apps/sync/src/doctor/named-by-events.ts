import { attachmentSchema, type LogId } from '@coppice/events'
import { z } from 'zod'

const bodySchema = z.object({
  type: z.string(),
  position: z.int(),
  data: z.object({
    attachments: z.array(attachmentSchema).optional(),
    operation: z.object({ content: attachmentSchema.optional() }).optional(),
    record: z.object({ stream: z.string(), bytes: z.int(), sha256: z.string() }).optional(),
  }),
})

/** A blob that an event names. */
export interface NamedBlob {
  readonly workspaceId: string
  readonly sha256: string
  readonly name: string
  /** The first event that names it. */
  readonly position: number
}

/** A turn's record as the event that ended the turn describes it. */
export interface NamedRecord {
  readonly workspaceId: string
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  readonly position: number
}

/** What events say is there beside them: files of messages, and records of turns. */
export class NamedByEvents {
  readonly #blobs = new Map<string, NamedBlob>()
  readonly records: NamedRecord[] = []

  /** @param body of an event, canonical JSON. One that cannot be read is the concern of the log's own examination. */
  add(log: LogId, body: string): void {
    if (!body.includes('"attachments":[') && !body.includes('"content":{') && !body.includes('"record":{')) return
    const parsed = bodySchema.safeParse(jsonOf(body))
    if (!parsed.success) return
    const { data, position, type } = parsed.data
    const workspaceId = log.slice('workspace:'.length)
    for (const { sha256, name } of [
      ...(data.attachments ?? []),
      ...(data.operation?.content ? [data.operation.content] : []),
    ]) {
      const key = `${workspaceId}/${sha256}`
      if (!this.#blobs.has(key)) this.#blobs.set(key, { workspaceId, sha256, name, position })
    }
    if (type !== 'turn.ended' || data.record === undefined) return
    const { stream, bytes, sha256 } = data.record
    this.records.push({ workspaceId, path: `${workspaceId}/${stream}`, bytes, sha256, position })
  }

  get blobs(): readonly NamedBlob[] {
    return [...this.#blobs.values()]
  }
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
