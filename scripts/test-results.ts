import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const RESULTS = 'test-results/vitest.json'

/** What vitest's JSON reporter says of a run, as far as it is read here. A file that several projects run is there for each. */
export interface Results {
  readonly testResults: readonly FileResult[]
}

export interface FileResult {
  /** Absolute path. */
  readonly name: string
  readonly status: string
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
}

/** @returns undefined where there is none */
export const readResults = (from: string = RESULTS): Results | undefined =>
  existsSync(from) ? (JSON.parse(readFileSync(from, 'utf8')) as Results) : undefined

export function countsOf({ testResults }: Results): { passed: number; failed: number; skipped: number } {
  const tests = testResults.flatMap((file) => file.assertionResults)
  const of = (...statuses: string[]): number => tests.filter(({ status }) => statuses.includes(status)).length
  return { passed: of('passed'), failed: of('failed'), skipped: of('pending', 'skipped', 'todo') }
}

/** More than so many failed files are no accident. */
const FEW = 3

/**
 * The files that are tried once more, in a fresh process each: those of browsers, where few failed and nothing else did.
 * What is no browser's (laws, properties, crashes, servers) has one try: what it finds by chance it has found.
 * @returns paths relative to the repository, none where there is nothing to try
 */
export function toTryAgain({ testResults }: Results): readonly string[] {
  const failed = testResults.filter(({ status }) => status === 'failed').map(({ name }) => path.relative('.', name))
  const files = [...new Set(failed)]
  return files.length <= FEW && files.every((file) => /\.(e2e|web)\.test\.ts$/.test(file)) ? files : []
}

/** The run with what the second try of some files showed in place of the first. */
export function withSecondTry<T extends Results>(first: T, second: Results): T {
  const again = new Set(second.testResults.map(({ name }) => name))
  return {
    ...first,
    testResults: [...first.testResults.filter(({ name }) => !again.has(name)), ...second.testResults],
  }
}

/** The tests that failed at the first try and passed at the second: `file > title`. */
export function onlyAtSecondTry(first: Results, second: Results): readonly string[] {
  return second.testResults.flatMap((file) => {
    const before = first.testResults.filter(({ name }) => name === file.name).flatMap((one) => one.assertionResults)
    return file.assertionResults
      .filter(
        ({ fullName, status }) =>
          status === 'passed' && before.some((one) => one.fullName === fullName && one.status === 'failed'),
      )
      .map(({ fullName }) => `${path.relative('.', file.name)} > ${fullName}`)
  })
}
