import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { SCHEMA } from './pglite-store.ts'

/**
 * `node packages/replica/src/make-empty-database.ts`: run while the web app is built, and does nothing if it was run before
 * with this PGlite and these tables. A browser that is new to Coppice unpacks the result instead of making a database.
 * PostgreSQL's two templates, from which nobody makes another database, are not in it: of the files, of which a browser
 * opens each at every start, less than half are left.
 */
const folder = path.join(import.meta.dirname, '../.cache')
const file = path.join(folder, 'empty-database.tgz')
const madeOfFile = path.join(folder, 'empty-database.made-of')
const ofPGlite = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'))
const { version } = JSON.parse(readFileSync(ofPGlite, 'utf8')) as { version: string }
const madeOf = createHash('sha256').update(`${version}\n${SCHEMA}`).digest('hex')

if (readOr(madeOfFile, '') !== madeOf) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${file}.new`, await emptyDatabase())
  renameSync(`${file}.new`, file)
  writeFileSync(madeOfFile, madeOf)
}
process.exit(0)

async function emptyDatabase(): Promise<Uint8Array> {
  const pg = await PGlite.create()
  await pg.exec(`update pg_database set datistemplate = false, datallowconn = true where datname like 'template%'`)
  await pg.exec('drop database template0')
  await pg.exec('drop database template1')
  await pg.exec(SCHEMA)
  await pg.exec('checkpoint')
  const dump = await pg.dumpDataDir('gzip')
  await pg.close()
  return new Uint8Array(await dump.arrayBuffer())
}

function readOr(from: string, otherwise: string): string {
  try {
    return readFileSync(from, 'utf8')
  } catch {
    return otherwise
  }
}
