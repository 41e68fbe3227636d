import { execFile } from 'node:child_process'

/**
 * Waits until all that was written to the file system of `folder` is on its disk: one wait for thousands of small files.
 * @throws when the system cannot say that it is.
 */
export function syncFileSystem(folder: string): Promise<void> {
  // Linux syncs one file system; elsewhere `sync` takes no name and does all of them.
  const args = process.platform === 'linux' ? ['-f', folder] : []
  return new Promise((resolve, reject) => {
    execFile('sync', args, (error) => {
      if (error) reject(new Error(`The disk did not confirm that ${folder} is written: ${error.message}`))
      else resolve()
    })
  })
}
