import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable, Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** An encrypted archive on the runner's disk. It never leaves the machine. */
export type Archive = { readonly file: string; readonly bytes: number; readonly sha256: string }

const magic = Buffer.from('COPPICE-ARCHIVE1')
const nonceBytes = 12
const tagBytes = 16

/** The archive key of a data folder; made at first use, readable by its owner only. */
export async function archiveKey(dataFolder: string): Promise<Buffer> {
  const file = path.join(dataFolder, 'archive.key')
  await mkdir(dataFolder, { recursive: true })
  const known = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (known?.length === 32) return known
  if (known)
    throw new Error(`${file} is damaged: it has ${known.length} bytes and should have 32. Put it back from a backup.`)
  const key = randomBytes(32)
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(key)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return key
}

/** Writes the named files as tar.gz under AES-256-GCM; then reads the whole archive back, before anyone deletes anything. */
export async function writeArchive(file: string, dir: string, files: readonly string[], key: Buffer): Promise<Archive> {
  await mkdir(path.dirname(file), { recursive: true })
  const making = `${file}.making`
  const tar = spawn('tar', ['--create', '--gzip', '--no-recursion', '--null', '--files-from=-', '--file=-'], {
    cwd: dir,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const ended = tarEnd(tar, 'tar could not read the ignored files')
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const target = createWriteStream(making, { mode: 0o600, flush: true })
  try {
    await new Promise<void>((resolve, reject) =>
      target.write(Buffer.concat([magic, nonce]), (error) => (error ? reject(error) : resolve())),
    )
    const withTag = new Transform({
      transform: (chunk: Buffer, _encoding, done) => done(null, chunk),
      flush: (done) => done(null, cipher.getAuthTag()),
    })
    const names = pipeline(Readable.from([files.map((name) => `./${name}\0`).join('')]), tar.stdin)
    await Promise.all([pipeline(tar.stdout, cipher, withTag, target), names, ended])
    await readArchive(making, key, async (plain) =>
      pipeline(plain, new Writable({ write: (_chunk, _encoding, done) => done() })),
    )
  } catch (error) {
    tar.kill('SIGKILL')
    await rm(making, { force: true })
    throw error
  }
  await rename(making, file)
  return { file, bytes: (await stat(file)).size, sha256: await sha256(file) }
}

/** Unpacks an archive over a folder. @throws when it was changed or the key is another. */
export async function unpackArchive(file: string, dir: string, key: Buffer): Promise<void> {
  // First a pass that only checks: tar must not see bytes that turn out to be forged.
  await readArchive(file, key, async (plain) =>
    pipeline(plain, new Writable({ write: (_chunk, _encoding, done) => done() })),
  )
  await readArchive(file, key, async (plain) => {
    const tar = spawn('tar', ['--extract', '--gzip', '--file=-'], { cwd: dir, stdio: ['pipe', 'ignore', 'pipe'] })
    await Promise.all([pipeline(plain, tar.stdin), tarEnd(tar, 'tar could not unpack the archive')])
  })
}

async function readArchive(file: string, key: Buffer, use: (plain: Readable) => Promise<unknown>): Promise<void> {
  const { size } = await stat(file)
  const handle = await open(file, 'r')
  const head = Buffer.alloc(magic.length + nonceBytes)
  const tag = Buffer.alloc(tagBytes)
  try {
    await handle.read(head, 0, head.length, 0)
    await handle.read(tag, 0, tagBytes, Math.max(0, size - tagBytes))
  } finally {
    await handle.close()
  }
  if (!head.subarray(0, magic.length).equals(magic) || size < head.length + tagBytes)
    throw new Error(`${file} is not an archive of Coppice.`)
  const decipher = createDecipheriv('aes-256-gcm', key, head.subarray(magic.length))
  decipher.setAuthTag(tag)
  const source = createReadStream(file, { start: head.length, end: size - tagBytes - 1 })
  source.on('error', (error) => decipher.destroy(error))
  try {
    await use(source.pipe(decipher))
  } catch (error) {
    if (error instanceof Error && /unable to authenticate|unsupported state/i.test(error.message)) {
      throw new Error(`${file} was changed, or was written with another key.`, { cause: error })
    }
    throw error
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

function tarEnd(tar: ChildProcess, what: string): Promise<void> {
  let words = ''
  tar.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-2000)
  })
  return new Promise((resolve, reject) => {
    tar.on('error', reject)
    tar.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${what}: ${words.trim() || `code ${code}`}`)),
    )
  })
}
