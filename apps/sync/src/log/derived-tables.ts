import { HeaderTable, type StoredHeaders } from '../headers/stored-headers.ts'
import { TileTable, type Tiles } from '../proof/tiles.ts'
import { HeadTable, type StoredHeads } from '../proof/stored-heads.ts'
import type { QueryStore } from '../sign-in/store-dialect.ts'

/** Where what is computed from one log is kept. */
export interface DerivedTables {
  readonly tiles: Tiles
  readonly heads: StoredHeads
  readonly headers: StoredHeaders
}

/** In the database that has the log. */
export const derivedTablesIn = (store: QueryStore, logNo: number): DerivedTables => ({
  tiles: new TileTable(store, logNo),
  heads: new HeadTable(store, logNo),
  headers: new HeaderTable(store, logNo),
})
