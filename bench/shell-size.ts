/**
 * PF-15: how much the app loads before it can be used, gzip: the page, and every script and style it names or imports
 * statically. What loads on demand (routes, dialogs, the database's worker) stands below and does not count.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

const BAR_KIB = 250
const dist = path.resolve(import.meta.dirname, '../apps/client/dist')
if (!existsSync(path.join(dist, 'index.html'))) {
  process.stderr.write('The client is not built. Run `npx pnpm@10 build` first.\n')
  process.exit(1)
}

const sizeOf = (file: string): number => gzipSync(readFileSync(path.join(dist, file))).length
const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1).padStart(8)} KiB`

/** Files reached from a file by its tags, static imports and style references. */
function reaches(file: string): string[] {
  const text = readFileSync(path.join(dist, file), 'utf8')
  if (file.endsWith('.html'))
    return [...text.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].flatMap((match) => match[1] ?? [])
  if (!file.endsWith('.js')) return []
  return [...text.matchAll(/(?:^|[;}\n])import(?:[^"'();]*from)?["']\.\/([^"']+)["']/g)].flatMap((match) =>
    match[1] ? path.posix.join(path.posix.dirname(file), match[1]) : [],
  )
}

const shell = new Set<string>()
const open = ['index.html']
for (let file = open.pop(); file !== undefined; file = open.pop()) {
  if (shell.has(file)) continue
  shell.add(file)
  open.push(...reaches(file))
}

const total = [...shell].reduce((sum, file) => sum + sizeOf(file), 0)
process.stdout.write('In the shell, gzip:\n')
for (const file of shell) process.stdout.write(`${kib(sizeOf(file))}  ${file}\n`)
process.stdout.write('\nOn demand, gzip:\n')
for (const name of readdirSync(path.join(dist, 'assets'))) {
  const file = `assets/${name}`
  if (/\.(js|css)$/.test(name) && !shell.has(file)) process.stdout.write(`${kib(sizeOf(file))}  ${file}\n`)
}
process.stdout.write(
  `\nPF-15 app shell ${kib(total).trim()} gzip, bar ${BAR_KIB} KiB: ${total <= BAR_KIB * 1024 ? 'met' : 'NOT MET'}\n`,
)
if (total > BAR_KIB * 1024) process.exitCode = 1
