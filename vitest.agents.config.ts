import { defineConfig } from 'vitest/config'

/** The real CLIs of all agents, apart from `pnpm test`: they are large, and their makers change them. */
export default defineConfig({
  test: {
    include: ['test/**/*.agents.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 60_000 } },
    fileParallelism: false,
  },
})
