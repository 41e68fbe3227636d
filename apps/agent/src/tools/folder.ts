import { lstat, realpath } from 'node:fs/promises'
import path from 'node:path'
import { ToolProblem } from './tool.ts'

/** A file that a call names. */
export type Place = {
  /** Absolute, links followed. */
  readonly full: string
  /** As it is shown: relative to the folder where it is inside. */
  readonly name: string
  readonly outside: boolean
}

/** The folder that a session works in. */
export class Folder {
  readonly root: string
  /** Folders outside that may be read without asking: where long outputs are kept. */
  readonly #open: readonly string[]

  private constructor(root: string, open: readonly string[]) {
    this.root = root
    this.#open = open
  }

  static async at(folder: string, open: readonly string[] = []): Promise<Folder> {
    return new Folder(await realpath(folder), open)
  }

  /** Where a path leads, through links; it need not exist. Relative paths begin at the folder. */
  async place(given: string): Promise<Place> {
    if (given.includes('\0')) throw new ToolProblem('A path holds a NUL character.')
    const wanted = path.resolve(this.root, given.replace(/^~(?=\/|$)/, process.env['HOME'] ?? '~'))
    const full = await followed(wanted)
    const inside = full === this.root || full.startsWith(this.root + path.sep)
    return { full, name: inside ? path.relative(this.root, full) || '.' : full, outside: !inside }
  }

  /** Like {@link place}, for something that is only read. */
  async readable(given: string): Promise<Place> {
    const place = await this.place(given)
    const open = this.#open.some((folder) => place.full.startsWith(folder + path.sep))
    return open ? { ...place, outside: false } : place
  }

  /** Like {@link place}, for something that is changed. @throws {ToolProblem} outside the folder, and in git's own data */
  async writable(given: string): Promise<Place> {
    const place = await this.place(given)
    if (place.outside)
      throw new ToolProblem(
        `${given} is outside the working folder ${this.root}. Files there are not changed. Work inside the folder.`,
      )
    if (place.name.split(path.sep).some(isGitFolder))
      throw new ToolProblem(`${given} is git's own data, which is not edited. Use git commands with the run tool.`)
    return place
  }
}

/** `.git` in any spelling that a case-insensitive file system would take for it. */
function isGitFolder(part: string): boolean {
  const plain = part.toLowerCase().replace(/[. ]+$/, '')
  return plain === '.git' || plain === 'git~1'
}

/** The path with links followed as far as it exists; a link that leads nowhere counts as what it points to. */
async function followed(wanted: string): Promise<string> {
  const found = await realpath(wanted).catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR'].includes(error.code ?? '')) return undefined
    throw new ToolProblem(`${wanted} cannot be looked at: ${error.message}`)
  })
  if (found !== undefined) return found
  const link = await lstat(wanted).then(
    (status) => status.isSymbolicLink(),
    () => false,
  )
  if (link) throw new ToolProblem(`${wanted} is a link that leads nowhere.`)
  const parent = path.dirname(wanted)
  return parent === wanted ? wanted : path.join(await followed(parent), path.basename(wanted))
}
