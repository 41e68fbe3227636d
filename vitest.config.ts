import { defineConfig } from 'vitest/config'

/**
 * Two projects. `unit`: pure code and small real things, seconds in all. `whole`: real processes, browsers, agents.
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
          include: ['{packages,apps,test}/**/*.{real,e2e,web,fault}.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 15_000 } },
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
