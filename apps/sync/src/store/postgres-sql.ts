import pg from 'pg'
import { LIMITS } from '../limits.ts'
import { explainRefusal, readAddress } from './postgres-address.ts'
import { TURN_LOCKS } from './schema.ts'
import type { SqlDatabase } from './sql-database.ts'
import { codeOf, StoreAway, StoreError, StoreRefused } from './store-error.ts'

const OLDEST_SUPPORTED = 15

/** The class of the advisory lock for what one server at a time does at its start. */
const START_LOCK = [TURN_LOCKS + 1, 0]

/**
 * Settings of every connection. Generic plans: the function's statements are always the same and planning them costs more
 * than running them. The keep-alives end, on PostgreSQL's side, the connection of a machine that fell silent, and with it a
 * turn that it held.
 */
const SESSION =
  '-c jit=off -c plan_cache_mode=force_generic_plan -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3'

/** Whole numbers of 64 bits as numbers: positions stay far below where those lose exactness. */
const INT8 = 20
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === INT8 ? Number : (pg.types.getTypeParser(oid, format) as (text: string) => unknown),
}

/** A PostgreSQL over sockets: some connections that calls share, a few more for turns. It comes back by itself. */
export class PostgresSql implements SqlDatabase {
  readonly #calls: pg.Pool
  /** Apart from the others: whoever holds a turn must always find a connection to append with. */
  readonly #turns: pg.Pool
  #relaxed = false

  private constructor(config: pg.PoolConfig, report: (error: unknown) => void) {
    this.#calls = new pg.Pool({ ...config, max: LIMITS.databaseConnections })
    this.#turns = new pg.Pool({
      ...config,
      max: LIMITS.databaseTurns,
      idleTimeoutMillis: LIMITS.turnMs / 2,
      options: `${SESSION} -c idle_session_timeout=${LIMITS.turnMs}`,
      query_timeout: LIMITS.databaseCallMs,
    })
    // An idle connection broke: the next call opens another, and it is that call's business if it cannot.
    this.#calls.on('error', () => undefined)
    this.#turns.on('error', () => undefined)
    this.#calls.on('connect', (client) => {
      if (this.#relaxed) client.query('set synchronous_commit = on').catch(report)
    })
  }

  /** Connects once, and looks whether this is a PostgreSQL that will do. Throws `StoreRefused`. */
  static async open(url: string, report: (error: unknown) => void): Promise<PostgresSql> {
    const address = readAddress(url)
    const sql = new PostgresSql(
      {
        ...address,
        types,
        options: SESSION,
        application_name: 'coppice',
        keepAlive: true,
        connectionTimeoutMillis: LIMITS.databaseConnectMs,
        query_timeout: LIMITS.databaseCallMs,
        allowExitOnIdle: true,
      },
      report,
    )
    try {
      await sql.#look(report)
      return sql
    } catch (error) {
      await sql.close()
      throw error instanceof StoreRefused ? error : explainRefusal(error, address)
    }
  }

  async #look(report: (error: unknown) => void): Promise<void> {
    const { rows } = await this.#calls.query<{ version: number; fsync: string; commit: string }>(
      `select current_setting('server_version_num')::int / 10000 as version, current_setting('fsync') as fsync,
              current_setting('synchronous_commit') as commit`,
    )
    const { version = 0, fsync, commit } = rows[0] ?? {}
    if (version < OLDEST_SUPPORTED)
      throw new StoreRefused(
        `This PostgreSQL is version ${version}; Coppice needs ${OLDEST_SUPPORTED} or newer. Nothing was changed.`,
      )
    if (fsync === 'off')
      report(
        new Error('This PostgreSQL runs with fsync=off: what is acknowledged may be lost with the power. Turn it on.'),
      )
    if (commit !== 'off') return
    // An acknowledged commit is on disk: our sessions insist, whatever the database's own setting.
    this.#relaxed = true
    await this.#calls.query('set synchronous_commit = on')
  }

  async query<Row>(
    sql: string,
    parameters: readonly unknown[],
    name?: string,
  ): Promise<{ rows: Row[]; affectedRows: number }> {
    try {
      const { rows, rowCount } = await this.#calls.query<Row & pg.QueryResultRow>({
        ...(name !== undefined && { name }),
        text: sql,
        values: [...parameters],
      })
      return { rows, affectedRows: rowCount ?? 0 }
    } catch (error) {
      throw translate(error)
    }
  }

  async script(sql: string): Promise<void> {
    try {
      // One message of several statements is one transaction.
      await this.#calls.query(sql)
    } catch (error) {
      throw translate(error)
    }
  }

  /** Waits for a log's turn; the answer gives it back. */
  takeTurn(logNo: number): Promise<() => void> {
    return this.#lock([TURN_LOCKS, logNo])
  }

  /** Runs `work` while no other server does. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.#lock(START_LOCK, 'set idle_session_timeout = 0')
    try {
      return await work()
    } finally {
      release()
    }
  }

  async #lock(key: readonly number[], first?: string): Promise<() => void> {
    let client: pg.PoolClient | undefined
    try {
      client = await this.#turns.connect()
      const held = client
      // It may end while it waits for us, by its own time limit.
      const lost = (): void => undefined
      held.on('error', lost)
      if (first !== undefined) await held.query(first)
      await held.query('select pg_advisory_lock($1, $2)', [...key])
      return () => {
        held
          .query('select pg_advisory_unlock_all()')
          .then(() => (first === undefined ? undefined : held.query('reset idle_session_timeout')))
          .then(
            () => held.release(),
            // The connection is gone, and the lock with it.
            (error: Error) => held.release(error),
          )
          .finally(() => held.off('error', lost))
      }
    } catch (error) {
      client?.release(error instanceof Error ? error : true)
      throw translate(error)
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#calls.end(), this.#turns.end()])
  }
}

/** Classes and codes of PostgreSQL that mean "not now": connection lost, too many, shutting down, read-only standby. */
const NOT_NOW = /^(08|53300|57P0|25006)/

function translate(error: unknown): Error {
  const code = codeOf(error)
  // What PostgreSQL itself answered has five characters; all else came from the connection.
  if (code === undefined || code.length !== 5 || NOT_NOW.test(code)) return away(error)
  return new StoreError(error instanceof Error ? error.message : String(error), code, { cause: error })
}

function away(error: unknown): StoreAway {
  const said = error instanceof Error && error.message !== '' ? error.message : String(codeOf(error) ?? error)
  return new StoreAway(`The database cannot be reached: ${said}`, codeOf(error), { cause: error })
}
