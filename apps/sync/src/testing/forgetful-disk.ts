import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'

/**
 * Loaded into a server with `--import`: a disk that can forget. What the process writes under FORGETFUL_ROOT goes to the
 * real files, and the bytes that were there before go to a journal, until the file is synced. After a kill,
 * {@link forgetUnsynced} puts them back: what is left is what a power cut may leave.
 *
 * Files are known by inode, so a rename keeps their history. That a file exists, its name and its removal are taken as
 * lasting at once: journaling file systems order these, and PostgreSQL syncs folders besides.
 */
interface Undo {
  readonly kind: 'write'
  readonly inode: number
  readonly offset: number
  /** What was there, base64. */
  readonly before: string
  /** How long the file was. */
  readonly size: number
}
interface Settled {
  readonly kind: 'synced' | 'removed'
  readonly inode: number
}

const root = process.env['FORGETFUL_ROOT']
const journalFile = process.env['FORGETFUL_JOURNAL']
/** A disk that says it has synced and has not: for showing that the harness would notice. */
const lies = process.env['FORGETFUL_LIES'] === '1'

if (root !== undefined && journalFile !== undefined) install(root, journalFile)

function install(folder: string, journalPath: string): void {
  const real = { ...fs }
  const journal = real.openSync(journalPath, 'a')
  const inside = (file: unknown): boolean => typeof file === 'string' && path.resolve(file).startsWith(folder)
  /** Descriptors of files in the folder, by number. */
  const open = new Map<number, number>()

  const note = (entry: Undo | Settled): void => void real.writeSync(journal, `${JSON.stringify(entry)}\n`)
  const noteWrite = (descriptor: number, inode: number, offset: number, length: number): void => {
    const { size } = real.fstatSync(descriptor)
    const before = Buffer.alloc(Math.max(0, Math.min(length, size - offset)))
    if (before.length > 0) real.readSync(descriptor, before, 0, before.length, offset)
    note({ kind: 'write', inode, offset, before: before.toString('base64'), size })
  }

  const noteCut = (descriptor: number, inode: number, length: number): void => {
    const { size } = real.fstatSync(descriptor)
    if (length < size) noteWrite(descriptor, inode, length, size - length)
    else note({ kind: 'write', inode, offset: size, before: '', size })
  }

  const patched: Partial<typeof fs> = {
    openSync(file, flags, mode) {
      // A truncating open forgets the old content too: make it two steps.
      const truncates = typeof flags === 'number' && (flags & real.constants.O_TRUNC) !== 0
      const descriptor = real.openSync(file, truncates ? flags & ~real.constants.O_TRUNC : flags, mode)
      if (!inside(file) || !real.fstatSync(descriptor).isFile()) return descriptor
      open.set(descriptor, real.fstatSync(descriptor).ino)
      if (truncates) patched.ftruncateSync?.(descriptor, 0)
      return descriptor
    },
    closeSync(descriptor) {
      open.delete(descriptor)
      real.closeSync(descriptor)
    },
    ftruncateSync(descriptor, length) {
      const inode = open.get(descriptor)
      if (inode !== undefined) {
        const readable = real.openSync(`/proc/self/fd/${descriptor}`, 'r')
        noteCut(readable, inode, length ?? 0)
        real.closeSync(readable)
      }
      real.ftruncateSync(descriptor, length)
    },
    truncateSync(file, length) {
      if (inside(file)) {
        const readable = real.openSync(file, 'r')
        noteCut(readable, real.fstatSync(readable).ino, length ?? 0)
        real.closeSync(readable)
      }
      real.truncateSync(file, length)
    },
    unlinkSync(file) {
      if (inside(file)) note({ kind: 'removed', inode: real.lstatSync(file).ino })
      real.unlinkSync(file)
    },
    fsyncSync(descriptor) {
      real.fsyncSync(descriptor)
      const inode = open.get(descriptor)
      if (inode !== undefined && !lies) note({ kind: 'synced', inode })
    },
    fdatasyncSync(descriptor) {
      real.fdatasyncSync(descriptor)
      const inode = open.get(descriptor)
      if (inode !== undefined && !lies) note({ kind: 'synced', inode })
    },
  }
  const realWrite = real.writeSync as (...args: unknown[]) => number
  const writeSync = (...args: unknown[]): number => {
    const [descriptor, , , length, position] = args
    const inode = open.get(Number(descriptor))
    // The database writes bytes at a position; what else is written here (locks, secrets) is not what is tested.
    if (inode !== undefined && typeof length === 'number' && typeof position === 'number') {
      const readable = real.openSync(`/proc/self/fd/${Number(descriptor)}`, 'r')
      noteWrite(readable, inode, position, length)
      real.closeSync(readable)
    }
    return realWrite(...args)
  }
  Object.assign(fs, patched, { writeSync })
  syncBuiltinESMExports()
}

/**
 * Undoes, in the dead process's files, what it had not synced. Of each file's unsynced writes a random number of the
 * first ones stays, as it may on a real disk; `random` gives numbers from 0 to 1. Gives how many writes were forgotten.
 */
export function forgetUnsynced(folder: string, journalPath: string, random: () => number): number {
  const unsynced = new Map<number, Undo[]>()
  // The last part is empty, or a line that the kill cut off: then the write that it announced was not begun.
  const lines = fs.readFileSync(journalPath, 'utf8').split('\n').slice(0, -1)
  for (const line of lines) {
    const entry = JSON.parse(line) as Undo | Settled
    if (entry.kind === 'write') unsynced.set(entry.inode, [...(unsynced.get(entry.inode) ?? []), entry])
    else unsynced.delete(entry.inode)
  }
  const files = new Map(filesIn(folder).map((file) => [fs.statSync(file).ino, file]))
  let forgotten = 0
  for (const [inode, writes] of unsynced) {
    const file = files.get(inode)
    if (file === undefined) continue
    const kept = Math.floor(random() * (writes.length + 1))
    for (const write of writes.slice(kept).toReversed()) {
      const descriptor = fs.openSync(file, 'r+')
      const before = Buffer.from(write.before, 'base64')
      if (before.length > 0) fs.writeSync(descriptor, before, 0, before.length, write.offset)
      fs.ftruncateSync(descriptor, write.size)
      fs.closeSync(descriptor)
      forgotten += 1
    }
  }
  fs.rmSync(journalPath)
  return forgotten
}

function filesIn(folder: string): string[] {
  return fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
}
