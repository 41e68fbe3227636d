/** PostgreSQL itself and the files it is installed with: what PGlite fetches before it can open any database. */
export interface Engine {
  readonly pgliteWasmModule: WebAssembly.Module
  readonly fsBundle: Blob
}

const PROGRAM = new URL('../../node_modules/@electric-sql/pglite/dist/pglite.wasm', import.meta.url)
const FILES = new URL('../../node_modules/@electric-sql/pglite/dist/pglite.data', import.meta.url)

let begun: Promise<Engine> | undefined

/** Begins to fetch and compile it, for the next {@link engine}. */
export function beginEngine(): void {
  begun ??= load()
  // Who asks for it is told.
  begun.catch(() => undefined)
}

/** What was begun, or else begun now. It is 15 MB: nothing of it is kept here. */
export function engine(): Promise<Engine> {
  const ready = begun ?? load()
  begun = undefined
  return ready
}

async function load(): Promise<Engine> {
  const [pgliteWasmModule, answer] = await Promise.all([WebAssembly.compileStreaming(fetch(PROGRAM)), fetch(FILES)])
  if (!answer.ok) throw new Error(`The database's files could not be fetched: ${answer.status} ${answer.statusText}`)
  return { pgliteWasmModule, fsBundle: await answer.blob() }
}
