/** Writes docs/limits.md from the constants and the comments over them; `--check` only tells whether it is up to date. */
import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { LIMITS as events } from '../packages/events/src/limits.ts'
import { LIMITS as server } from '../apps/sync/src/limits.ts'

const PAGE = 'docs/limits.md'
const SOURCES = [
  { title: 'The server', file: 'apps/sync/src/limits.ts', values: server },
  { title: 'Events and commands', file: 'packages/events/src/limits.ts', values: events },
] as const

/** Names in the order they stand in, each with the comment that it, or the first of its group, has over it. */
function commented(file: string): { name: string; says: string }[] {
  const found: { name: string; says: string }[] = []
  let says = ''
  let comment: string[] | undefined
  for (const line of readFileSync(file, 'utf8')
    .split('\n')
    .map((one) => one.trim())) {
    if (line.startsWith('/**')) comment = []
    if (comment) {
      comment.push(line.replace(/^\/?\*+\/?\s?/, '').replace(/\s*\*\/$/, ''))
      if (line.endsWith('*/')) {
        says = comment.join(' ').trim()
        comment = undefined
      }
      continue
    }
    const name = /^(\w+):/.exec(line)?.[1]
    if (name === undefined) continue
    found.push({ name, says })
    says = ''
  }
  return found
}

function shown(name: string, value: number): string {
  if (/bytes$/i.test(name) && value % 1024 === 0)
    return value % 1024 ** 2 === 0 ? `${value / 1024 ** 2} MiB` : `${value / 1024} KiB`
  if (/ms$/i.test(name)) return value % 1000 === 0 ? `${(value / 1000).toLocaleString('en')} s` : `${value} ms`
  return value.toLocaleString('en')
}

const parts = SOURCES.map(({ title, file, values }) => {
  const rows = commented(file).map(({ name, says }) => {
    const value = (values as Readonly<Record<string, number>>)[name]
    if (value === undefined) throw new Error(`${file} has a line for ${name}, and no such limit`)
    return `| \`${name}\` | ${shown(name, value)} | ${says.replaceAll('|', '\\|')} |`
  })
  return `## ${title}\n\nIn \`${file}\`.\n\n| limit | value | what it is, and what happens past it |\n| --- | --- | --- |\n${rows.join('\n')}\n`
})
const text = `# Limits\n\nMade from the constants by \`node scripts/limits.ts\`; \`pnpm check\` compares. A line without words belongs to the one above.\n\n${parts.join('\n')}`
const page = await format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' })

if (!process.argv.includes('--check')) writeFileSync(PAGE, page)
else if (readFileSync(PAGE, 'utf8') !== page) {
  console.error(`${PAGE} is not what the constants say: run node scripts/limits.ts`)
  process.exitCode = 1
}
