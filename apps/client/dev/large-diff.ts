import type { QueryRequest } from '@coppice/protocol'

const LINES = 100

const line = (file: number, n: number): string =>
  `  const value${n} = await measure(rings[${n}], { file: ${file}, weight: ${(n * 7919) % 1000} }) // ${'moss '.repeat(6)}`

/** A file of which every tenth line is another one now. */
function patchOf(file: number): string {
  const body = Array.from({ length: LINES }, (_, n) =>
    n % 10 === 3 ? `-${line(file, n)}\n+${line(file, n).replace('await', 'void')}` : ` ${line(file, n)}`,
  )
  return `@@ -1,${LINES} +1,${LINES} @@\n${body.join('\n')}\n`
}

/** Answers of a runner whose session changed many files: some 10 MB of diff for a thousand of them. */
export function largeDiff(files: number) {
  return (_log: string, request: QueryRequest): Promise<Record<string, unknown>> => {
    if (request.kind === 'diff.files') {
      const changed = Array.from({ length: files }, (_, n) => ({
        path: `src/part${n % 40}/file${n}.ts`,
        status: 'modified',
        additions: LINES / 10,
        deletions: LINES / 10,
        binary: false,
        content: String(n),
      }))
      return Promise.resolve({
        ok: true,
        from: 'a'.repeat(40),
        to: 'b'.repeat(40),
        files: changed,
        truncated: false,
      })
    }
    if (request.kind === 'diff.patches') {
      const patches = request.files.map(({ path }) => ({ path, patch: patchOf(Number(/(\d+)\.ts$/.exec(path)?.[1])) }))
      return Promise.resolve({ ok: true, patches })
    }
    return Promise.resolve({ ok: false, code: 'unsupported', message: 'Only diffs are answered here.' })
  }
}

/** All of it as one text. */
export const largeText = (files: number): string => Array.from({ length: files }, (_, n) => patchOf(n)).join('')
