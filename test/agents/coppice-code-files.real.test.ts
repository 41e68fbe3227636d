import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { processesWith } from '../support/processes.ts'
import { CodeFixture } from './code-fixture.ts'
import { scripted } from './model-endpoint.ts'

/** Each test makes calls and looks at what the model was answered, and at the files. */
let code: CodeFixture

beforeAll(async () => {
  code = await CodeFixture.begin()
  await code.driver.open(code.repo)
  await code.driver.setMode('auto')
})
afterAll(() => code[Symbol.asyncDispose]())
beforeEach(() => {
  code.driver.updates.length = 0
})

const file = (name: string): string => path.join(code.repo, name)
const content = (name: string): string => readFileSync(file(name), 'utf8')

/** Lets the model make calls, one after the other, and gives what each was answered. */
async function answers(...calls: readonly (readonly [string, Record<string, unknown>])[]): Promise<string[]> {
  const before = code.endpoint.requests.length
  await code.driver.prompt(scripted([...calls.map(([tool, input]) => ({ calls: [{ tool, input }] })), { say: 'x' }]))
  const request = code.endpoint.requests.at(-1) as { messages: { role: string; content: unknown }[] }
  expect(code.endpoint.requests.length).toBeGreaterThan(before)
  const results = request.messages.flatMap(({ role, content }) =>
    role === 'user' && Array.isArray(content)
      ? (content as { type: string; content?: unknown }[]).filter((part) => part.type === 'tool_result')
      : [],
  )
  return results.slice(-calls.length).map(({ content }) => {
    if (typeof content === 'string') return content
    return (content as { text?: string }[]).map((part) => part.text ?? '').join('')
  })
}

describe('edit', () => {
  test('line ends, byte order mark and file mode stay as they are', async () => {
    writeFileSync(file('dos.txt'), '\uFEFFone\r\ntwo\r\nthree\r\n')
    writeFileSync(file('mixed.txt'), 'one\r\ntwo\nthree\r\n')
    writeFileSync(file('script.sh'), '#!/bin/sh\necho old\n')
    chmodSync(file('script.sh'), 0o755)
    await answers(
      ['edit', { path: 'dos.txt', old: 'one\ntwo', new: 'eins\nzwei\nzweieinhalb' }],
      ['edit', { path: 'mixed.txt', old: 'one\ntwo', new: 'eins\ntwo' }],
      ['edit', { path: 'mixed.txt', old: 'two\n', new: 'zwei\n' }],
      ['edit', { path: 'script.sh', old: 'old', new: 'new $& $1 \\n' }],
    )
    expect(content('dos.txt')).toBe('\uFEFFeins\r\nzwei\r\nzweieinhalb\r\nthree\r\n')
    expect(content('mixed.txt')).toBe('eins\r\nzwei\nthree\r\n')
    expect(content('script.sh')).toBe('#!/bin/sh\necho new $& $1 \\n\n')
    expect(statSync(file('script.sh')).mode & 0o777).toBe(0o755)
  })

  test('a piece that is there more than once, or not, is told with the lines that are meant; nothing is changed', async () => {
    const text =
      'function a() {\n  return 1\n}\nfunction b() {\n  return 1\n}\nfunction compute(total, tax) {\n\treturn total * tax\n}\n'
    writeFileSync(file('code.js'), text)
    const [twice, spaces, alike, nothing, same, missing] = await answers(
      ['edit', { path: 'code.js', old: '  return 1', new: '  return 2' }],
      ['edit', { path: 'code.js', old: 'function compute(total, tax) {\n  return total * tax', new: 'x' }],
      ['edit', { path: 'code.js', old: 'function compute(sum, tax) {', new: 'x' }],
      ['edit', { path: 'code.js', old: 'zebra crossing', new: 'x' }],
      ['edit', { path: 'code.js', old: 'return', new: 'return' }],
      ['edit', { path: 'lib/code.js', old: 'a', new: 'b' }],
    )
    expect(twice).toContain('occurs 2 times in code.js (lines 2, 5)')
    expect(spaces).toContain('other white space')
    expect(spaces).toContain('8\t\treturn total * tax')
    expect(alike).toContain('7\tfunction compute(total, tax) {')
    expect(nothing).toContain('Nothing in it is like that')
    expect(same).toContain('nothing to change')
    expect(missing).toContain('Did you mean code.js?')
    expect(content('code.js')).toBe(text)
    await answers(['edit', { path: 'code.js', old: 'return 1', new: 'return 2', replace_all: true }])
    expect(content('code.js').match(/return 2/g)).toHaveLength(2)
  })

  test('a file that is not UTF-8 is not damaged', async () => {
    const latin = Buffer.from('caf\xe9 one\n', 'latin1')
    writeFileSync(file('latin.txt'), latin)
    const [refused] = await answers(['edit', { path: 'latin.txt', old: 'one', new: 'two' }])
    expect(refused).toContain('not UTF-8')
    expect(readFileSync(file('latin.txt'))).toEqual(latin)
  })
})

describe('write', () => {
  test('a file that was not read as it is now is not overwritten', async () => {
    writeFileSync(file('kept.txt'), 'precious\n')
    const [unread] = await answers(['write', { path: 'kept.txt', content: 'gone' }])
    expect(unread).toContain('you have not read it')
    await answers(['read', { path: 'kept.txt' }])
    writeFileSync(file('kept.txt'), 'changed by someone\n')
    const [stale] = await answers(['write', { path: 'kept.txt', content: 'gone' }])
    expect(stale).toContain('you have not read it')
    const [, done] = await answers(['read', { path: 'kept.txt' }], ['write', { path: 'kept.txt', content: 'new\n' }])
    expect(done).toBe('Replaced kept.txt (1 lines).')
    expect(content('kept.txt')).toBe('new\n')
    await answers(['write', { path: 'deep/er/new.txt', content: 'a\nb\n' }])
    expect(content('deep/er/new.txt')).toBe('a\nb\n')
  })
})

describe('read', () => {
  test('a huge file is refused with what to do, and read in ranges; long lines are cut', async () => {
    const line = `${'x'.repeat(99)}\n`
    writeFileSync(file('huge.log'), line.repeat(50_000))
    writeFileSync(file('long.txt'), `${'y'.repeat(200_000)}\nshort\n`)
    writeFileSync(file('many.txt'), Array.from({ length: 5_000 }, (_, i) => `line ${i + 1}`).join('\n'))
    const [huge, range, long, many, past] = await answers(
      ['read', { path: 'huge.log' }],
      ['read', { path: 'huge.log', offset: 40_000, limit: 2 }],
      ['read', { path: 'long.txt' }],
      ['read', { path: 'many.txt' }],
      ['read', { path: 'many.txt', offset: 9_000 }],
    )
    expect(huge).toContain('huge.log has 4.8 MB, too much to read at once')
    expect(range).toContain(`40000\t${'x'.repeat(99)}\n40001\t`)
    expect(range).toContain('go on with offset 40002')
    expect(long).toContain('(199000 more characters in this line)')
    expect(long).toContain('2\tshort')
    expect(many).toContain('(lines 1 to 2000 of 5000; go on with offset 2001)')
    expect(past).toContain('has only 5000 lines')
  })

  test('binary files, folders, empty and missing files are told for what they are', async () => {
    writeFileSync(file('picture.png'), Buffer.from('89504e470d0a1a0a00000000', 'hex'))
    writeFileSync(file('data.bin'), Buffer.from([65, 0, 66, 0]))
    writeFileSync(file('empty.txt'), '')
    const [png, bin, empty, folder, missing, similar] = await answers(
      ['read', { path: 'picture.png' }],
      ['read', { path: 'data.bin' }],
      ['read', { path: 'empty.txt' }],
      ['read', { path: '.' }],
      ['read', { path: 'nowhere.zig' }],
      ['read', { path: 'src/README.md' }],
    )
    expect(png).toContain('picture.png is a PNG picture (12 bytes), not text')
    expect(bin).toContain('data.bin is binary data')
    expect(empty).toBe('empty.txt is empty.')
    expect(folder).toContain('is a folder. Use the list tool.')
    expect(missing).toContain('There is no file nowhere.zig.')
    expect(similar).toContain('Did you mean README.md?')
  })
})

describe('list and search', () => {
  test('what .gitignore names is left out; deep folders are counted; patterns find', async () => {
    mkdirSync(file('pkg/deep/er'), { recursive: true })
    mkdirSync(file('node_modules/x'), { recursive: true })
    writeFileSync(file('.gitignore'), 'node_modules\n*.secret\n')
    writeFileSync(file('pkg/deep/er/needle.ts'), 'export const needle = 1 // a.b(c)\n')
    writeFileSync(file('pkg/top.ts'), 'import { needle } from "./deep/er/needle"\n')
    writeFileSync(file('node_modules/x/index.js'), 'needle\n')
    writeFileSync(file('a.secret'), 'needle\n')
    const [list, found, hits, literal, globbed, none, wrong] = await answers(
      ['list', { path: 'pkg', depth: 1 }],
      ['list', { pattern: '*.ts' }],
      ['search', { pattern: 'ne+dle' }],
      ['search', { pattern: 'a.b(c)', literal: true }],
      ['search', { pattern: 'needle', glob: 'top.*', path: 'pkg' }],
      ['search', { pattern: 'no such thing anywhere' }],
      ['search', { pattern: '(' }],
    )
    expect(list).toBe('deep/ (1 file)\ntop.ts')
    expect(found?.split('\n')).toEqual(expect.arrayContaining(['pkg/deep/er/needle.ts', 'pkg/top.ts']))
    expect(hits?.split('\n').toSorted()).toEqual([
      'pkg/deep/er/needle.ts:1:export const needle = 1 // a.b(c)',
      'pkg/top.ts:1:import { needle } from "./deep/er/needle"',
    ])
    expect(literal).toContain('needle.ts:1:')
    expect(globbed).toBe('pkg/top.ts:1:import { needle } from "./deep/er/needle"')
    expect(none).toBe('Nothing found.')
    expect(wrong).toContain('The search failed')
  })
})

describe('run', () => {
  test('of long output the model gets both ends, and the whole in a file that it may read', async () => {
    const [long] = await answers(['run', { command: 'seq 1 200000' }])
    expect(long).toMatch(/^1\n2\n3\n/)
    expect(long?.trimEnd()).toMatch(/199999\n200000$/)
    expect(long?.length).toBeLessThan(20_000)
    const where = /the whole is in (\S+)/.exec(long ?? '')?.[1] ?? ''
    expect(readFileSync(where, 'utf8').split('\n')).toHaveLength(200_001)
    const asked = code.driver.asked.length
    const [part] = await answers(['read', { path: where, offset: 100_000, limit: 1 }])
    expect(part).toContain('100000\t100000')
    expect(code.driver.asked).toHaveLength(asked)
  })

  test('a command that takes too long is ended with all its children, as are those left in the background', async () => {
    const mark = `sleep 94${Date.now() % 1000}`
    const [slow, left] = await answers(
      ['run', { command: `(setsid ${mark} &) ; trap '' TERM; ${mark}`, timeout: 1 }],
      ['run', { command: `setsid ${mark} & echo begun` }],
    )
    expect(slow).toContain('stopped after 1 s')
    expect(left).toBe('begun')
    await expect.poll(() => processesWith(mark)).toEqual([])
  })

  test('colours are taken out; nothing waits for input; keys of the agent stay out of its way', async () => {
    const [colour, input, own] = await answers(
      ['run', { command: String.raw`printf '\033[31mred\033[0m\n'` }],
      ['run', { command: 'read line; echo "got: $line"' }],
      ['run', { command: 'env | grep -c COPPICE_AGENT_DATA; true' }],
    )
    expect(colour).toBe('red')
    expect(input).toBe('got:')
    expect(own).toBe('0')
  })
})

describe('a folder without git', () => {
  test('is listed and searched all the same, without the usual caches', async () => {
    await using bare = await CodeFixture.begin()
    const folder = path.join(bare.at.root, 'bare')
    mkdirSync(path.join(folder, 'node_modules/x'), { recursive: true })
    mkdirSync(path.join(folder, 'src'))
    writeFileSync(path.join(folder, 'src/a.txt'), 'a Needle here\n')
    writeFileSync(path.join(folder, 'node_modules/x/a.txt'), 'a needle there\n')
    await bare.driver.open(folder)
    const calls = [
      { tool: 'list', input: {} },
      { tool: 'search', input: { pattern: 'NEEDLE', ignore_case: true } },
      { tool: 'search', input: { pattern: '(', path: 'src/a.txt' } },
    ]
    await bare.driver.prompt(scripted([{ calls }, { say: 'x' }]))
    const [list, search, wrong] = bare.driver.calls()
    expect(list?.text).toBe('src/a.txt')
    expect(search?.text).toBe('src/a.txt:1:a Needle here')
    expect(wrong?.text).toContain('is no regular expression')
  })
})
