import { defineConfig } from 'vitest/config'

/**
 * Three projects. `unit`: pure code and small real things, seconds in all. `whole`: real processes, browsers, agents.
 * `postgres`: the server's tests again, on PostgreSQL instead of PGlite, and what only PostgreSQL can do.
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
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'whole',
          include: ['{packages,apps,test}/**/*.{real,e2e,web,fault,pglite}.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 15_000 } },
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'postgres',
          include: ['apps/sync/**/*.{real,fault,postgres}.test.ts'],
          exclude: ['**/node_modules/**'],
          globalSetup: ['test/support/with-postgres.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 15_000 } },
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
