import { stat } from 'node:fs/promises'

/** Whether a file or folder is there. @throws when that cannot be told, for want of a permission for example. */
export function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      // ENOTDIR: what should be a folder above it is a file.
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false
      throw error
    },
  )
}
