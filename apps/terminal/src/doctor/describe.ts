import type { Examination, Finding } from '@coppice/protocol'

const HEADINGS: Readonly<Record<Finding['level'], string>> = {
  wrong: 'WRONG    ',
  degraded: 'degraded ',
  note: 'note     ',
}
const LEVELS = ['wrong', 'degraded', 'note'] as const

/** An examination for a person: what was found, worst first, and what was looked at. */
export function describe({ findings, examined, bytes, versions }: Examination, data: string): string {
  const lines = [`Coppice at ${data}`, '']
  for (const level of LEVELS)
    for (const finding of findings.filter((one) => one.level === level))
      lines.push(
        `${finding.mending === 'done' ? 'mended   ' : HEADINGS[level]}${finding.says}`,
        `         ${finding.advice}`,
      )
  const wrong = findings.filter(({ level, mending }) => level === 'wrong' && mending !== 'done').length
  if (findings.length > 0) lines.push('')
  lines.push(wrong === 0 ? 'Nothing is wrong.' : `${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong.`)
  lines.push(`Examined: ${list(examined, String)}`)
  lines.push(`Versions: ${list(versions, String)}`)
  lines.push(`On disk:  ${list(bytes, megabytes)}`)
  return `${lines.join('\n')}\n`
}

function list<T>(of: Readonly<Record<string, T>>, text: (value: T) => string): string {
  return Object.entries(of)
    .map(([name, value]) => `${name} ${text(value)}`)
    .join(', ')
}

const megabytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MB`
