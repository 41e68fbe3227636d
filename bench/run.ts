/** `pnpm bench NAME …`: runs bench/NAME.ts. Without a name: says which there are. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const HERE = new URL('.', import.meta.url)
const NOT_BENCHES = new Set(['run', 'minimal-server', 'minimal-yjs-server'])

const names = readdirSync(HERE)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .filter((name) => !NOT_BENCHES.has(name))
  .toSorted()

const [name, ...args] = process.argv.slice(2)
if (name === undefined || !names.includes(name)) {
  if (name !== undefined) console.error(`There is no benchmark ${name}.`)
  console.log('pnpm bench NAME, where NAME is one of')
  for (const one of names) console.log(`  ${one.padEnd(12)} ${firstSentence(one)}`)
  process.exit(name === undefined ? 0 : 1)
}
const { status } = spawnSync(process.execPath, [new URL(`${name}.ts`, HERE).pathname, ...args], { stdio: 'inherit' })
process.exit(status ?? 1)

/** What the file says of itself at its top. */
function firstSentence(of: string): string {
  const comment = /\/\*\*([\s\S]*?)\*\//.exec(readFileSync(new URL(`${of}.ts`, HERE), 'utf8'))?.[1] ?? ''
  return (
    comment
      .replace(/\s*\n?\s*\*\s?/g, ' ')
      .trim()
      .split('. ')[0] ?? ''
  )
}
