import { freshDatabase, startPostgres } from '../../apps/sync/src/testing/postgres-server.ts'

/** What `--store` asks for: each server of a benchmark gets a database of its own, on one PostgreSQL. */
export interface BenchStore {
  readonly name: 'PGlite' | 'PostgreSQL'
  /** The address of a new, empty database; undefined on PGlite. */
  database(): Promise<string | undefined>
  remove(): Promise<void>
}

/**
 * Reads `--store pglite|postgres` (PGlite without it) and the number that may come first. PostgreSQL is that of
 * `DATABASE_URL`, or one with the settings it ships with, made for this run.
 */
export async function benchStore(): Promise<{ store: BenchStore; count: number | undefined }> {
  const args = process.argv.slice(2)
  const at = args.indexOf('--store')
  const [, wanted = 'pglite'] = at === -1 ? [] : args.splice(at, 2)
  const count = args[0] === undefined ? undefined : Number(args[0])
  if (wanted === 'pglite')
    return { count, store: { name: 'PGlite', database: async () => undefined, remove: async () => undefined } }
  if (wanted !== 'postgres') throw new Error(`--store takes pglite or postgres, not ${wanted}`)
  const given = process.env['DATABASE_URL']
  const server = given ? undefined : await startPostgres()
  const drops: (() => Promise<void>)[] = []
  const database = async (): Promise<string> => {
    const { url, drop } = await freshDatabase(given ?? server?.url ?? '')
    drops.push(drop)
    return url
  }
  const remove = async (): Promise<void> => {
    for (const drop of drops) await drop()
    await server?.remove()
  }
  return { count, store: { name: 'PostgreSQL', database, remove } }
}
