import fs from 'node:fs'
import type { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

type ModuleOptions = Parameters<NodeFS['init']>[1]

/** The two internals of PGlite's file layer that {@link DurableFiles} leans on. Pinned version; a test counts the syncs. */
interface NodeFileStream {
  readonly nfd: number
}
interface FileLayer {
  readonly NODEFS: { stream_ops: { fsync?: (stream: NodeFileStream) => number } }
  readonly FS: { ErrnoError: new (errno: number) => Error }
}

/** WASI's number for an input/output error. */
const EIO = 29

/**
 * PGlite's Node file system, made durable: PGlite leaves out `fsync`, so that a commit it reports may be lost
 * with the power. Here every sync that PostgreSQL asks for reaches the disk.
 */
export class DurableFiles extends NodeFS {
  /** How many syncs PostgreSQL has asked for and got. */
  syncs = 0

  override async init(pg: PGlite, options: ModuleOptions): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pg, options)
    const syncForReal = (module: FileLayer): void => {
      module.NODEFS.stream_ops.fsync = (stream) => {
        try {
          fs.fdatasyncSync(stream.nfd)
        } catch (error) {
          // PostgreSQL must hear of it: it panics rather than trust pages that may not be on disk.
          console.error(`The disk refused to sync: ${String(error)}`)
          throw new module.FS.ErrnoError(EIO)
        }
        this.syncs += 1
        return 0
      }
    }
    const preRun = [...(emscriptenOpts.preRun ?? []), (module: unknown) => syncForReal(module as FileLayer)]
    return { emscriptenOpts: { ...emscriptenOpts, preRun } }
  }
}
