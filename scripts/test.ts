/**
 * `pnpm test`: everything. What the tests need beyond npm is installed first where that is possible (Debian, root);
 * where it is not, the run ends at once and says exactly what to install. Ends with the line "N passed, N failed".
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import {
  ensureAgents,
  ensureChromium,
  ensureClient,
  ensureNats,
  ensurePostgres,
  MissingTool,
  offerBubblewrap,
  offerGitLfs,
} from './test-tools.ts'
import { run } from './run.ts'

const RESULTS = 'test-results/vitest.json'

interface Results {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly success: boolean
}

try {
  await ensureChromium()
  await ensurePostgres()
  await ensureNats()
  await offerBubblewrap()
  await offerGitLfs()
  await ensureAgents()
  await ensureClient()
} catch (error) {
  if (!(error instanceof MissingTool)) throw error
  process.stdout.write(`\n${error.message}\n\n0 passed, 1 failed\n`)
  process.exit(1)
}

mkdirSync('test-results', { recursive: true })
rmSync(RESULTS, { force: true })
const args = process.argv.slice(2)
const { code } = await run(
  'vitest',
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${RESULTS}`, ...args],
  {
    env: { FORCE_COLOR: '0' },
  },
)
const results = JSON.parse(readFileSync(RESULTS, 'utf8')) as Results
// A run can fail without a failed test: a file that does not load, an error outside of any test.
const failed = Math.max(results.numFailedTests, code === 0 ? 0 : 1)
const skipped = results.numPendingTests > 0 ? `, ${results.numPendingTests} skipped` : ''
process.stdout.write(`\n${results.numPassedTests} passed, ${failed} failed${skipped}\n`)
process.exitCode = failed === 0 ? 0 : 1
