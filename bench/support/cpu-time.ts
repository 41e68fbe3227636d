import { readFileSync } from 'node:fs'

/** Ticks a second of `/proc`'s clocks, which Linux gives all programs alike. */
const TICKS = 100

/** Seconds of processor time that a process has used, all its threads together. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name before it may hold spaces; the fields are counted after its bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}
