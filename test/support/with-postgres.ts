import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../apps/sync/src/testing/postgres-server.ts'

/** Runs a project's tests on a PostgreSQL: that of `DATABASE_URL`, whose user may make databases, or one of their own. */
export default async function withPostgres(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['DATABASE_URL']
  if (given) {
    project.provide('postgres', given)
    return undefined
  }
  const server = await startPostgres()
  project.provide('postgres', server.url)
  return () => server.remove()
}
