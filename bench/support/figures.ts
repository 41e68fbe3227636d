/** The p-th percentile (0 to 1) of some numbers; nearest rank. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

export const fixed = (value: number, digits = 2): string => value.toFixed(digits)

/** Prints a figure against its bar and makes the process fail where it misses. */
export function judge(name: string, value: number, bar: { atLeast?: number; atMost?: number }, unit = ''): void {
  const met = (bar.atLeast === undefined || value >= bar.atLeast) && (bar.atMost === undefined || value <= bar.atMost)
  const wanted = bar.atLeast === undefined ? `at most ${bar.atMost}` : `at least ${bar.atLeast}`
  console.log(`${met ? 'met   ' : 'MISSED'} ${name}: ${fixed(value)}${unit} (${wanted}${unit})`)
  if (!met) process.exitCode = 1
}
