import { open, readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import type { AgentCommand } from '@coppice/protocol'
import type { CommandFolder } from './command-folder.ts'
import { described, type Described } from './description.ts'

const mostFiles = 500
const deepest = 5
const headBytes = 8 * 1024
/** Heads of so many files are kept. */
const mostHeads = 5_000

type Head = Described & { readonly stamp: string }
type Found = { readonly file: string; readonly name: string }

/**
 * Commands and skills in the folders of agents. Each question looks at the folders anew, which takes a few ms; a file is
 * read once, and again when its size or time changes.
 */
export class FoundCommands {
  readonly #heads = new Map<string, Head>();

  /** In the order of the folders. Folders that are not there, or may not be read, have none. */
  async in(folders: readonly CommandFolder[], roots: Readonly<Record<CommandFolder['in'], string>>) {
    const all = await Promise.all(folders.map((folder) => this.#inOne(folder, roots[folder.in])))
    return all.flat()
  }

  async #inOne(folder: CommandFolder, root: string): Promise<AgentCommand[]> {
    const top = await inside(path.join(root, folder.at), folder.in === 'worktree' ? root : undefined)
    if (top === undefined) return []
    const files = folder.form === 'skill' ? await skills(top, folder.in) : await commands(top, folder)
    const read = await Promise.all(files.slice(0, mostFiles).map((found) => this.#read(found, folder)))
    return read.flatMap((one) => (one ? [one] : [])).sort((a, b) => (a.text < b.text ? -1 : 1))
  }

  async #read({ file, name }: Found, { in: from, form, typed = '/{}' }: CommandFolder) {
    const head = await this.#head(file, form)
    if (!head) return undefined
    const named = form === 'skill' && head.name !== '' ? head.name : name
    const kind = form === 'skill' ? ('skill' as const) : ('command' as const)
    return { text: typed.replace('{}', () => named), description: head.description, kind, from }
  }

  async #head(file: string, form: CommandFolder['form']): Promise<Head | undefined> {
    const at = await orNone(stat(file, { bigint: true }))
    if (!at?.isFile()) return undefined
    const stamp = `${at.mtimeNs}:${at.size}:${at.ino}`
    const known = this.#heads.get(file)
    if (known?.stamp === stamp) return known
    const text = await orNone(beginOf(file))
    if (text === undefined) return undefined
    const head = { ...described(text, form), stamp }
    if (this.#heads.size >= mostHeads) this.#heads.clear()
    this.#heads.set(file, head)
    return head
  }
}

async function commands(top: string, { form, in: from, between }: CommandFolder): Promise<Found[]> {
  const ending = form === 'toml' ? '.toml' : '.md'
  const found: Found[] = []
  async function visit(folder: string, before: readonly string[]): Promise<void> {
    for (const entry of await entries(folder, from)) {
      if (found.length >= mostFiles) return
      const file = path.join(folder, entry.name)
      if (entry.folder && before.length < deepest) await visit(file, [...before, entry.name])
      else if (!entry.folder && entry.name.endsWith(ending)) {
        const name = entry.name.slice(0, -ending.length)
        found.push({ file, name: between === undefined ? name : [...before, name].join(between) })
      }
    }
  }
  await visit(top, [])
  return found
}

async function skills(top: string, from: CommandFolder['in']): Promise<Found[]> {
  const folders = (await entries(top, from)).filter(({ folder }) => folder)
  const found = await Promise.all(
    folders.slice(0, mostFiles).map(async ({ name }) => {
      const file = await inside(path.join(top, name, 'SKILL.md'), from === 'worktree' ? top : undefined)
      return file === undefined ? [] : [{ file, name }]
    }),
  )
  return found.flat()
}

/** Links lead anywhere, so a repository's are not followed; those at home are its owner's. */
async function entries(folder: string, from: CommandFolder['in']): Promise<{ name: string; folder: boolean }[]> {
  const found = (await orNone(readdir(folder, { withFileTypes: true }))) ?? []
  const all = await Promise.all(
    found.map(async (entry) => {
      const at = entry.isSymbolicLink() && from === 'home' ? await orNone(stat(path.join(folder, entry.name))) : entry
      return at?.isDirectory() || at?.isFile() ? [{ name: entry.name, folder: at.isDirectory() }] : []
    }),
  )
  return all.flat()
}

/** Where it really is; undefined where it is not there, or not inside `root`. */
async function inside(name: string, root: string | undefined): Promise<string | undefined> {
  const real = await orNone(realpath(name))
  if (real === undefined || root === undefined) return real
  const top = await orNone(realpath(root))
  return top !== undefined && real.startsWith(top + path.sep) ? real : undefined
}

async function beginOf(file: string): Promise<string> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

const absent = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'])

/** What is not there, is gone meanwhile, or may not be read, is none. */
function orNone<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== undefined && absent.has(error.code)) return undefined
    throw error
  })
}
