import fs from 'node:fs'
import path from 'node:path'

/** Written last when a database folder is made; a folder without it is half made and is made again. */
export const COMPLETE = 'complete'

/** Whether `folder` holds a database that was made to the end. Asked without loading PGlite, which only the store's thread needs. */
export function databaseExists(folder: string): boolean {
  return fs.existsSync(path.join(folder, COMPLETE))
}
