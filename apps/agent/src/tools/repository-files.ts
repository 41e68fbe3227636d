import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { runProgram } from './program.ts'

const mostFiles = 200_000
const neverWalked = new Set(['.git', 'node_modules', '.venv', '__pycache__', '.cache'])

/**
 * Files under a path, relative to `root`, with `/`: tracked ones and new ones, without what .gitignore names. Outside a
 * repository all files but those of the usual caches.
 */
export async function repositoryFiles(root: string, under: string): Promise<readonly string[]> {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '-z', '--', under]
  const listed = await runProgram('git', args, root)
  if (listed?.exitCode === 0) return listed.output.split('\0').filter(Boolean)
  const found: string[] = []
  await walk(root, path.normalize(under) === '.' ? '' : path.normalize(under), found)
  return found
}

async function walk(root: string, folder: string, found: string[]): Promise<void> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      // A folder that went away or may not be read holds nothing for us.
      if (['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR'].includes(error.code ?? '')) return []
      throw error
    },
  )
  for (const entry of entries) {
    if (found.length >= mostFiles) return
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!neverWalked.has(entry.name)) await walk(root, name, found)
    } else found.push(name)
  }
}
