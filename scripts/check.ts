/** `pnpm check`: types, lint, layers, format, unused exports. All are run, so that one look shows everything. */
import { run } from './run.ts'

const checks: readonly (readonly [string, string, ...string[]])[] = [
  ['types', 'tsc', '-p', 'tsconfig.json'],
  ['types of browser code in the replica', 'tsc', '-p', 'packages/replica/tsconfig.json'],
  ['types of the web app', 'tsc', '-p', 'apps/client/tsconfig.json'],
  ['lint and layers', 'oxlint', '--deny-warnings', '.'],
  ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['limits in docs/limits.md', 'node', 'scripts/limits.ts', '--check'],
  ['unused', 'knip', '--no-progress'],
]

const failed: string[] = []
for (const [name, command, ...args] of checks) {
  const { code, output } = await run(command, args, { quiet: true })
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}\n`)
  if (code !== 0) {
    failed.push(name)
    process.stdout.write(`${output.trim()}\n`)
  }
}
if (failed.length > 0) {
  process.stdout.write(`\n${failed.length} of ${checks.length} checks failed: ${failed.join(', ')}\n`)
  process.exitCode = 1
}
