/**
 * `pnpm test`: everything. What the tests need beyond npm is installed first where that is possible (Debian, root);
 * where it is not, the run ends at once and says exactly what to install. Ends with the line "N passed, N failed".
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  countsOf,
  onlyAtSecondTry,
  readResults,
  RESULTS,
  toTryAgain,
  withSecondTry,
  type Results,
} from './test-results.ts'
import {
  ensureAgents,
  ensureChromium,
  ensureClient,
  ensureNats,
  ensurePostgres,
  ensureScreens,
  MissingTool,
  offerBubblewrap,
  offerGitLfs,
} from './test-tools.ts'
import { run } from './run.ts'

const SCREENS = path.resolve('test-results/screens')

try {
  await ensureChromium()
  await ensurePostgres()
  await ensureNats()
  await offerBubblewrap()
  await offerGitLfs()
  await ensureAgents()
  await ensureClient()
  await ensureScreens(SCREENS)
} catch (error) {
  if (!(error instanceof MissingTool)) throw error
  process.stdout.write(`\n${error.message}\n\n0 passed, 1 failed\n`)
  process.exit(1)
}

const SECOND = 'test-results/second-try.json'
mkdirSync('test-results', { recursive: true })
const args = process.argv.slice(2)
let { code, results, strayError } = await vitest(RESULTS, args)
const again = code === 0 || strayError ? [] : toTryAgain(results)
if (again.length > 0) {
  process.stdout.write(`\nOnce more, each by itself: ${again.join(', ')}\n`)
  const second = await vitest(SECOND, [...projectsOf(args), ...again])
  const lucky = onlyAtSecondTry(results, second.results)
  if (lucky.length > 0)
    process.stdout.write(
      `\nPassed only at the second try, so wrong somewhere:\n${lucky.map((one) => `  ${one}\n`).join('')}`,
    )
  results = withSecondTry(results, second.results)
  writeFileSync(RESULTS, JSON.stringify(results))
  code = second.code
}
const counts = countsOf(results)
// A run can fail without a failed test: a file that does not load, an error outside of any test.
const failed = Math.max(counts.failed, code === 0 ? 0 : 1)
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
process.stdout.write(`\n${counts.passed} passed, ${failed} failed${skipped}\n`)
process.exitCode = failed === 0 ? 0 : 1

async function vitest(
  to: string,
  of: readonly string[],
): Promise<{ code: number; results: Results; strayError: boolean }> {
  rmSync(to, { force: true })
  const { code, output } = await run(
    'vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${to}`, ...of],
    {
      env: { FORCE_COLOR: '0', COPPICE_SCREENS: SCREENS },
    },
  )
  const results = readResults(to)
  if (results === undefined) throw new Error('vitest ended without a word on what it ran.')
  return { code, results, strayError: /Unhandled (Errors?|Rejection)/.test(output) }
}

/** The choice of projects among the arguments, which counts for a second try, too. */
function projectsOf(all: readonly string[]): readonly string[] {
  return all.flatMap((one, at) =>
    one === '--project' ? [one, all[at + 1] ?? ''] : one.startsWith('--project=') ? [one] : [],
  )
}
