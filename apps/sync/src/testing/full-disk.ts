import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'

/**
 * Loaded into a server with `--import`, in all of its threads: while the file FULL_DISK_FLAG is there, the disk below
 * FULL_DISK_ROOT is full. As on most real ones, what a file has already may be written over and an empty file can be made;
 * nothing can grow. With `read only` in that file, nothing can be made or written over either.
 */
const [root, flag] = [process.env['FULL_DISK_ROOT'], process.env['FULL_DISK_FLAG']]
if (root !== undefined && flag !== undefined) install(root, flag)

function install(folder: string, flagFile: string): void {
  const real = { ...fs }
  const open = new Set<number>()
  const isFull = (): boolean => real.existsSync(flagFile)
  const isReadOnly = (): boolean => isFull() && real.readFileSync(flagFile, 'utf8') === 'read only'
  const inside = (file: unknown): boolean => typeof file === 'string' && path.resolve(file).startsWith(folder)
  const full = (call: string): never => {
    const [code, errno, words] = isReadOnly()
      ? ['EROFS', -30, 'read-only file system']
      : ['ENOSPC', -28, 'no space left on device']
    throw Object.assign(new Error(`${String(code)}: ${String(words)}, ${call}`), { code, errno, syscall: call })
  }
  const patched: Partial<typeof fs> = {
    openSync(file, flags, mode) {
      const isNew = inside(file) && !real.existsSync(file)
      const creates = typeof flags === 'number' ? (flags & real.constants.O_CREAT) !== 0 : /[wa]/.test(String(flags))
      if (isNew && creates && isReadOnly()) full('open')
      const descriptor = real.openSync(file, flags, mode)
      if (inside(file) && real.fstatSync(descriptor).isFile()) open.add(descriptor)
      return descriptor
    },
    closeSync(descriptor) {
      open.delete(descriptor)
      real.closeSync(descriptor)
    },
    ftruncateSync(descriptor, length) {
      if (open.has(descriptor) && (length ?? 0) > real.fstatSync(descriptor).size && isFull()) full('ftruncate')
      real.ftruncateSync(descriptor, length)
    },
    mkdirSync: ((file: fs.PathLike, options?: fs.MakeDirectoryOptions) => {
      if (inside(file) && !real.existsSync(file) && isReadOnly()) full('mkdir')
      return real.mkdirSync(file, options)
    }) as typeof fs.mkdirSync,
    writeFileSync(file, data, options) {
      const empty = typeof data === 'string' && data === ''
      if (inside(file) && (isReadOnly() || (isFull() && !empty))) full('write')
      real.writeFileSync(file, data, options)
    },
  }
  const realWrite = real.writeSync as (...args: unknown[]) => number
  const writeSync = (...args: unknown[]): number => {
    const [descriptor, data, , length, position] = args
    if (typeof descriptor === 'number' && open.has(descriptor) && isFull()) {
      const { size } = real.fstatSync(descriptor)
      const bytes = typeof length === 'number' ? length : Buffer.byteLength(data as string | Uint8Array)
      if ((typeof position === 'number' ? position : size) + bytes > size || isReadOnly()) full('write')
    }
    return realWrite(...args)
  }
  Object.assign(fs, patched, { writeSync })
  syncBuiltinESMExports()
}
