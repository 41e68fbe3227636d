import { NodeFS } from '@electric-sql/pglite/nodefs'

type Init = NodeFS['init']

/** The internals of PGlite's file layer that this leans on; the version is pinned. */
interface FileLayer {
  readonly NODEFS: { stream_ops: { write: (...args: unknown[]) => number } }
  readonly FS: { ErrnoError: new (errno: number) => Error }
}

/** WASI's number for a device without room. */
const ENOSPC = 51

/** Files in a folder, on a disk that is full from when it is told to be. */
export class FullDisk extends NodeFS {
  full = false

  override async init(...[pg, options]: Parameters<Init>): ReturnType<Init> {
    const { emscriptenOpts } = await super.init(pg, options)
    const refuse = ({ NODEFS, FS }: FileLayer): void => {
      const { write } = NODEFS.stream_ops
      NODEFS.stream_ops.write = (...args) => {
        if (this.full) throw new FS.ErrnoError(ENOSPC)
        return write(...args)
      }
    }
    const preRun = [...(emscriptenOpts.preRun ?? []), (module: unknown) => refuse(module as FileLayer)]
    return { emscriptenOpts: { ...emscriptenOpts, preRun } }
  }
}
