import path from 'node:path'
import { repositoryFiles } from './repository-files.ts'

/** A hint for a path that is not there: files of the same name elsewhere, or of nearly the same; may be empty. */
export async function similarNames(root: string, wanted: string): Promise<string> {
  const files = await repositoryFiles(root, '.')
  const name = path.basename(wanted).toLowerCase()
  const stem = name.replace(/\.[^.]*$/, '')
  const same = files.filter((file) => path.basename(file).toLowerCase() === name)
  const near =
    same.length > 0 ? same : files.filter((file) => stem.length > 2 && path.basename(file).toLowerCase().includes(stem))
  return near.length === 0 ? ' Look for it with the list tool.' : ` Did you mean ${near.slice(0, 5).join(', ')}?`
}
