import { defineConfig } from 'vitest/config'

/** What a test starts does not use what the tests were started with. */
const OWN_STORES = { DATABASE_URL: '', NATS_URL: '' }

/** So many files of real processes run beside each other: each keeps about one core busy, and most of its time it waits. */
const AT_ONCE = 2

/**
 * Three projects. `unit`: pure code and small real things, seconds in all. `whole`: real processes, browsers, agents.
 * `postgres`: the server's tests and a story again, on PostgreSQL instead of PGlite, and what only PostgreSQL can do.
 * The suffix of a test file says what it needs (see CONTRIBUTING.md).
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages,apps,scripts,test}/**/*.unit.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'whole',
          env: OWN_STORES,
          include: ['{packages,apps,test}/**/*.{real,e2e,web,fault,pglite}.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          expect: { poll: { timeout: 60_000 } },
          maxWorkers: AT_ONCE,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'postgres',
          env: OWN_STORES,
          include: [
            'apps/sync/**/*.{real,fault,postgres}.test.ts',
            'test/story/together.e2e.test.ts',
            'test/simulation/stores.real.test.ts',
          ],
          exclude: ['**/node_modules/**'],
          globalSetup: ['test/support/with-postgres.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          expect: { poll: { timeout: 60_000 } },
          maxWorkers: AT_ONCE,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
