import { enableCompileCache, flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../node_modules/.cache/coppice/compiled', import.meta.url))

/** By then all is loaded that a start needs. */
const LOADED_AFTER_MS = 5_000

/**
 * Keeps the code that this thread loads from now on in its compiled form, beside the installed packages: the next start of
 * the same program takes about half of the time. Call it first, and load everything else after it with `import()`. Where the
 * folder cannot be written, everything is compiled anew each time. A program that is killed has kept what it loaded until then.
 */
export function keepCompiled(): void {
  enableCompileCache(FOLDER)
  setTimeout(flushCompileCache, LOADED_AFTER_MS).unref()
}
