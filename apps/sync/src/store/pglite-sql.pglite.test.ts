import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PgliteSql } from './pglite-sql.ts'
import { codeOf } from './store-error.ts'

let sql: PgliteSql
beforeAll(async () => {
  sql = new PgliteSql(await PGlite.create())
  await sql.script('create table things (id bigint primary key, name text, tags text[], bytes bytea)')
})
afterAll(() => sql.close())

/** The same statement asked for as it comes, and kept prepared. */
const both = async (name: string, statement: string, parameters: readonly unknown[]) => ({
  plain: await sql.query(statement, parameters),
  kept: await sql.query(statement, parameters, name),
})

test('a statement that is kept prepared answers as one that is not', async () => {
  const add = 'insert into things values ($1, $2, $3::text[], $4)'
  const values = ['nine ü "', ['a', 'b,"c"', '\\'], Uint8Array.of(0, 1, 255)]
  expect(await sql.query(add, [1, ...values])).toMatchObject({ rows: [], affectedRows: 1 })
  expect(await sql.query(add, [2, ...values], 'add')).toEqual({ rows: [], affectedRows: 1 })
  expect(await sql.query(add, [3, null, null, null], 'add')).toEqual({ rows: [], affectedRows: 1 })

  const { plain, kept } = await both(
    'find',
    'select id, name, tags, bytes, id > $1 as later from things where id = any ($2::bigint[]) order by id',
    [1, [1, 2, 3]],
  )
  expect(kept.rows).toEqual(plain.rows)
  expect(kept.rows).toHaveLength(3)
  const [first, second] = kept.rows
  expect(Object.assign({}, first, { id: 2, later: true })).toEqual(second)

  const none = await both('none', 'select id from things where id > $1', [100])
  expect(none.kept).toEqual({ rows: [], affectedRows: 0 })
  expect(await sql.query('update things set name = $1 where id < $2', ['two', 3], 'rename')).toEqual({
    rows: [],
    affectedRows: 2,
  })
})

test('a prepared statement that fails says why, changes nothing, and works the next time', async () => {
  const add = (id: number): Promise<unknown> => sql.query('insert into things (id) values ($1)', [id], 'add id')
  await add(10)
  const error: unknown = await add(10).catch((thrown: unknown) => thrown)
  expect(codeOf(error)).toBe('23505')
  await add(11)
  expect((await sql.query('select id from things where id in (10, 11) order by id', [])).rows).toEqual([
    { id: 10 },
    { id: 11 },
  ])
})

test('a name stands for one statement', async () => {
  await sql.query('select 1 as one', [], 'number')
  await expect(sql.query('select 2 as two', [], 'number')).rejects.toThrow(
    'The name number is taken by another statement',
  )
})
