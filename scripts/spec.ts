/**
 * `pnpm spec`: which requirements are shown by tests. Ids come from docs/requirements.md (or from the specification
 * where it lies beside the repository), titles and outcomes from the last real run of `pnpm test`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readResults } from './test-results.ts'

const SPEC = '../shared/spec'
const OWN_LIST = 'docs/requirements.md'

const idPattern = /\b(?:[A-Z]{1,4})-\d+\b/g

function requirementIds(): readonly string[] {
  const texts = existsSync(SPEC)
    ? readdirSync(SPEC)
        .filter((name) => name.endsWith('.md') && name !== 'README.md')
        .map((name) => readFileSync(join(SPEC, name), 'utf8'))
    : [readFileSync(OWN_LIST, 'utf8')]
  const defined = texts.flatMap((text) => text.split('\n').flatMap(definedIn))
  return [...new Set(defined)]
}

/** Ids that a line defines: at its start, or after a sentence's end on the same line (several short ones share a line). */
function definedIn(line: string): readonly string[] {
  if (!/^(?:- |\| )?[A-Z]{1,4}-\d+\b/.test(line)) return []
  return [...line.matchAll(/(?:^(?:- |\| )?|[.;:,)]\s+|\band\s+|\s{2,})([A-Z]{1,4}-\d+)(?=\s)/g)].flatMap(
    (match) => match[1] ?? [],
  )
}

const byNumber = (a: string, b: string): number => {
  const [left = '', right = ''] = [a.split('-')[0], b.split('-')[0]]
  return left === right ? Number(a.split('-')[1]) - Number(b.split('-')[1]) : left < right ? -1 : 1
}

const results = readResults()
if (results === undefined) {
  process.stderr.write('There is no test run to read yet. Run `npx pnpm@10 test` first.\n')
  process.exit(1)
}
const tests = results.testResults.flatMap((file) => file.assertionResults)
const shown = new Map<string, { passed: number; failed: number }>()
for (const test of tests) {
  // Skipped shows nothing: what a project cannot do (a full disk, on PostgreSQL) another one shows.
  if (test.status !== 'passed' && test.status !== 'failed') continue
  const tags = [...test.fullName.matchAll(/\[([A-Z0-9, -]+)\]/g)].flatMap((match) => match[1]?.match(idPattern) ?? [])
  for (const id of new Set(tags)) {
    const count = shown.get(id) ?? { passed: 0, failed: 0 }
    if (test.status === 'passed') count.passed += 1
    else count.failed += 1
    shown.set(id, count)
  }
}

const wanted = process.argv
  .slice(2)
  .flatMap((text) => text.split(/[,\s]+/))
  .filter(Boolean)
const ids = requirementIds()
  .toSorted(byNumber)
  .filter((id) => wanted.length === 0 || wanted.some((one) => id === one || id.startsWith(`${one}-`)))
const failing = ids.filter((id) => (shown.get(id)?.failed ?? 0) > 0)
const passing = ids.filter((id) => shown.has(id) && !failing.includes(id))
const missing = ids.filter((id) => !shown.has(id))
const unknown = [...shown.keys()].filter((id) => !requirementIds().includes(id))

process.stdout.write(`shown (${passing.length}):\n  ${passing.join(' ')}\n`)
process.stdout.write(`failing (${failing.length}):\n  ${failing.join(' ')}\n`)
process.stdout.write(`not shown (${missing.length}):\n  ${missing.join(' ')}\n`)
if (unknown.length > 0)
  process.stdout.write(`named by tests but not a requirement (${unknown.length}):\n  ${unknown.join(' ')}\n`)
process.stdout.write(`\n${passing.length} of ${ids.length} requirements are shown by tests that pass.\n`)
process.exitCode = failing.length > 0 || unknown.length > 0 ? 1 : 0
