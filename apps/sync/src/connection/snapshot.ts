import { createHash } from 'node:crypto'
import { canonicalText, hashText, LOG_STREAM, PROJECTION_VERSION, WORKSPACE_STREAM } from '@coppice/events'
import { snapshotText, type StreamHeader } from '@coppice/protocol'
import type { DerivedLog } from '../log/derived-log.ts'
import type { LogWriter } from '../log/log-writer.ts'
import type { SigningKey } from '../proof/signing-key.ts'
import type { Store } from '../store/store-calls.ts'
import type { Peer } from './peer.ts'

/** Sends a workspace's log at `position` as a snapshot: the workspace's own events, all sessions' headers, the tree's edge (LF-7). */
export async function sendSnapshot(of: {
  log: LogWriter
  derived: DerivedLog
  peer: Peer
  store: Pick<Store, 'readStream'>
  key: SigningKey
  position: number
  /** Whether anybody still waits for it. */
  open: () => boolean
  /** Of these sessions the subscriber has the header now, and nothing else. */
  left: (streams: readonly string[]) => void
}): Promise<void> {
  const { log, epoch } = of.log
  const { position } = of
  const digest = createHash('sha256')
  let part = 0
  const send = (events: readonly string[], streams: readonly StreamHeader[], end?: object): void => {
    for (const text of events) digest.update(text).update('\n')
    const headers = streams.map((header) => canonicalText(header))
    for (const text of headers) digest.update(text).update('\n')
    const about = { t: 'snapshot', log, epoch, position, head: of.log.head, projection: PROJECTION_VERSION, part }
    const envelope = JSON.stringify({ ...about, ...(end && { end }) })
    of.peer.sendFrame(`${envelope.slice(0, -1)},"events":[${events.join(',')}],"streams":[${headers.join(',')}]}`)
    part += 1
  }
  const own = await Promise.all([WORKSPACE_STREAM, LOG_STREAM].map((stream) => of.store.readStream(of.log.no, stream)))
  const placed = own.flat().map((body) => ({ body, at: (JSON.parse(body) as { position: number }).position }))
  const before = placed.filter(({ at }) => at <= position).toSorted((a, b) => a.at - b.at)
  send(
    before.map(({ body }) => body),
    [],
  )
  for await (const streams of of.derived.headers.all()) {
    await of.peer.drained()
    if (!of.open()) return
    send([], streams)
    of.left(streams.map(({ stream }) => stream))
  }
  const edge = await of.derived.tree.edgeAt(position)
  const root = hashText(edge.root())
  const at = Date.now()
  const sum = digest.digest('hex')
  const text = snapshotText({ log, epoch, position, projection: PROJECTION_VERSION, root, digest: sum, at })
  const { keyId } = of.key
  send([], [], { peaks: edge.peaks.map(hashText), digest: sum, at, keyId, signature: of.key.sign(text) })
}
