import { BlobFiles } from '../blobs/blob-files.ts'
import type { Store } from '../store/store-calls.ts'
import type { Findings } from './findings.ts'
import type { NamedByEvents } from './named-by-events.ts'

const PAGE = 500

interface Listed {
  readonly workspaceId: string
  readonly sha256: string
  readonly size: number
}

interface BlobExamination {
  readonly named: NamedByEvents
  readonly findings: Findings
  readonly mend: boolean
}

/**
 * Reads every blob: its bytes must be those of its name, and every file that an event names must be there. Gives how many
 * there are. Mending strikes a blob whose bytes are gone or others from the list, so that whoever still has the file can send
 * it again; other bytes are put aside.
 */
export async function examineBlobs(
  store: Pick<Store, 'query'>,
  folder: string,
  { named, findings, mend }: BlobExamination,
): Promise<number> {
  const files = new BlobFiles(folder)
  const there = new Set<string>()
  let count = 0
  for await (const blob of listed(store)) {
    count += 1
    const key = `${blob.workspaceId}/${blob.sha256}`
    there.add(key)
    const found = await files.hash(blob.workspaceId, blob.sha256)
    if (found?.sha256 === blob.sha256 && found.size === blob.size) continue
    // Collected since it was listed.
    if (found === undefined && !(await isListed(store, blob))) continue
    const aside = mend ? await strike(store, files, blob, found !== undefined) : undefined
    findings.add('blobs', {
      level: 'wrong',
      area: 'blobs',
      says:
        found === undefined
          ? `Blob ${key} is listed, and its file is gone.`
          : found.sha256 === blob.sha256
            ? `Blob ${key} is listed with ${blob.size} bytes, and its file has ${found.size}.`
            : `Blob ${key} has other bytes than it is named for: their SHA-256 is ${found.sha256}.`,
      advice: mend
        ? `It is not listed any more${aside ?? ''}. ${SEND_AGAIN}`
        : `${SEND_AGAIN} \`--mend\` makes room for it.`,
      mending: mend ? 'done' : 'possible',
    })
  }
  for (const { workspaceId, sha256, name, position } of named.blobs) {
    if (there.has(`${workspaceId}/${sha256}`)) continue
    findings.add('named blobs', {
      level: 'wrong',
      area: 'blobs',
      says: `Log workspace:${workspaceId}, position ${position}: the file ${name} of a message (blob ${sha256}) is not there.`,
      advice: SEND_AGAIN,
      mending: 'no',
    })
  }
  return count
}

const SEND_AGAIN =
  'Take the file from a backup, or send it again: a device that attached it keeps it for 14 days, and anybody who has it can `PUT` it (docs/blobs.md).'

async function* listed(store: Pick<Store, 'query'>): AsyncGenerator<Listed> {
  let after: readonly [string, string] = ['', '']
  for (;;) {
    const { rows } = await store.query(
      `select workspace_id, sha256, size from blobs where (workspace_id, sha256) > ($1, $2)
       order by workspace_id, sha256 limit $3`,
      [...after, PAGE],
    )
    for (const row of rows) {
      const blob = {
        workspaceId: String(row['workspace_id']),
        sha256: String(row['sha256']),
        size: Number(row['size']),
      }
      after = [blob.workspaceId, blob.sha256]
      yield blob
    }
    if (rows.length < PAGE) return
  }
}

async function isListed(store: Pick<Store, 'query'>, { workspaceId, sha256 }: Listed): Promise<boolean> {
  const { rows } = await store.query('select 1 from blobs where workspace_id = $1 and sha256 = $2', [
    workspaceId,
    sha256,
  ])
  return rows.length > 0
}

/** Where its other bytes are now, in words. */
async function strike(
  store: Pick<Store, 'query'>,
  files: BlobFiles,
  { workspaceId, sha256 }: Listed,
  isThere: boolean,
): Promise<string> {
  await store.query('delete from blobs where workspace_id = $1 and sha256 = $2', [workspaceId, sha256])
  return isThere ? `, and its bytes are in ${await files.putAside(workspaceId, sha256)}` : ''
}
