import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import type { Store } from '../store/store-calls.ts'

/** What sign-in needs of the store: single statements, each a transaction of its own. */
export type QueryStore = Pick<Store, 'query'>

/**
 * Kysely over the store's thread. There is one connection and the log writers share it, so a transaction that spans
 * several calls is refused: it would take their appends into it.
 */
export function storeDialect(store: QueryStore): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createDriver: () => new StoreDriver(store),
  }
}

class StoreDriver implements Driver {
  readonly #connection: DatabaseConnection

  constructor(store: QueryStore) {
    this.#connection = {
      async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
        const { rows, affectedRows } = await store.query(query.sql, query.parameters)
        return { rows: rows as R[], numAffectedRows: BigInt(affectedRows) }
      },
      streamQuery() {
        throw new Error('The store answers whole results, not streams')
      },
    }
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}

  beginTransaction(): Promise<void> {
    return refuseTransaction()
  }
  commitTransaction(): Promise<void> {
    return refuseTransaction()
  }
  rollbackTransaction(): Promise<void> {
    return refuseTransaction()
  }
}

function refuseTransaction(): Promise<never> {
  return Promise.reject(new Error('The store has no transactions that span several calls'))
}
