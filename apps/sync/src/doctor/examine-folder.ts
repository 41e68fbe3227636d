import fs from 'node:fs'
import path from 'node:path'
import type { Finding } from '@coppice/protocol'
import type { Findings } from './findings.ts'

/** Files that only the user who runs the server may read. */
const PRIVATE_FILES = ['cookie-secret', 'local-tokens.json', 'access.json', 'server.lock']
/** What a process that was killed may leave: files on their way to their names, and a restore that was cut off. */
const HALF_MADE = [/\.\d+\.new$/, /^\.write-probe-\d+$/, /^server\.lock\.stale-\d+$/, /^restoring$/]
/** Below this share of the disk, or this many bytes, a warning is due. */
const LITTLE_SPACE = { share: 0.05, bytes: 1024 ** 3 }

/** Looks at the data folder itself: who may read it, whether there is room, what was left half made. */
export function examineFolder(folder: string, { findings, mend, served }: FolderOptions): void {
  const say = (finding: Omit<Finding, 'area'>): void => findings.add('folder', { area: 'folder', ...finding })
  const names = fs.readdirSync(folder)
  for (const name of ['', ...PRIVATE_FILES.filter((one) => names.includes(one))]) {
    const file = path.join(folder, name)
    const mode = fs.statSync(file).mode & 0o777
    if ((mode & 0o077) === 0) continue
    const right = name === '' ? 0o700 : 0o600
    if (mend) fs.chmodSync(file, right)
    say({
      level: 'wrong',
      says: `${file} may be read by others (mode ${mode.toString(8)}): secrets are in it.`,
      advice: mend
        ? `Its mode is now ${right.toString(8)}.`
        : `Run \`coppice doctor --mend\`, or chmod ${right.toString(8)}.`,
      mending: mend ? 'done' : 'possible',
    })
  }
  if (!isWritable(folder))
    say({
      level: 'wrong',
      says: `${folder} cannot be written by this user.`,
      advice: 'A server cannot run on it. Give it back to the user who runs the server.',
      mending: 'no',
    })
  for (const name of names.filter((one) => isLeftOver(one, served))) {
    const file = path.join(folder, name)
    if (mend) fs.rmSync(file, { recursive: true, force: true })
    say({
      level: 'degraded',
      says: `${file} was left by a process that was cut off.`,
      advice: mend ? 'It was removed.' : 'Nothing needs it. `coppice doctor --mend` removes it when no server runs.',
      mending: mend ? 'done' : 'possible',
    })
  }
  for (const name of names.filter((one) => one.startsWith('replaced-')))
    say({
      level: 'note',
      says: `${path.join(folder, name)} is what a restore put aside.`,
      advice: 'Delete it when you are sure that you do not want it back.',
      mending: 'no',
    })
  const space = fs.statfsSync(folder)
  const [free, all] = [space.bavail * space.bsize, space.blocks * space.bsize]
  if (free < LITTLE_SPACE.bytes || free < all * LITTLE_SPACE.share)
    say({
      level: 'degraded',
      says: `The disk of ${folder} has ${megabytes(free)} MB left, of ${megabytes(all)} MB.`,
      advice: 'Make room: when it is full nothing more can be stored, and the server says so and waits.',
      mending: 'no',
    })
}

export interface FolderOptions {
  readonly findings: Findings
  readonly mend: boolean
  /** Whether a server runs on it. */
  readonly served: boolean
}

/** A server that runs is in the middle of things; what a stopped one has left is left for good. */
function isLeftOver(name: string, served: boolean): boolean {
  return !served && (HALF_MADE.some((pattern) => pattern.test(name)) || name === 'access.json')
}

function isWritable(folder: string): boolean {
  try {
    fs.accessSync(folder, fs.constants.W_OK)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}

/** Bytes on disk below a folder; 0 if it is not there. What is removed meanwhile does not count. */
export function bytesBelow(folder: string): number {
  if (!fs.existsSync(folder)) return 0
  let bytes = 0
  for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    bytes += (fs.statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.blocks ?? 0) * 512
  }
  return bytes
}

const megabytes = (bytes: number): number => Math.floor(bytes / 1024 ** 2)
