import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

/** Only the user who runs the server may read it. */
const PRIVATE = 0o600

/** A secret that is made once and kept in the data folder. */
export function secretIn(folder: string, name: string): string {
  const file = path.join(folder, name)
  if (!fs.existsSync(file)) writePrivateFile(file, `${randomBytes(32).toString('base64url')}\n`)
  return fs.readFileSync(file, 'utf8').trim()
}

/** Writes a file whole or not at all, readable by this user only. */
export function writePrivateFile(file: string, text: string): void {
  const fresh = `${file}.${process.pid}.new`
  fs.writeFileSync(fresh, text, { mode: PRIVATE, flush: true })
  fs.renameSync(fresh, file)
}
