import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GrowingBlocks, parseBlocks, type Block } from './blocks.ts'
import { CHUNK_BLOCKS, chunkStarts } from './chunks.ts'

const shape = (blocks: readonly Block[]) => blocks.map((block) => JSON.stringify(block.token))

const words = fc.constantFrom(
  'alpha',
  'beta',
  '**bold**',
  '`code`',
  '_em_',
  '[a](https://x.y)',
  'a * b',
  '~~gone~~',
  '<b>',
  '&amp;',
)
const line = fc.array(words, { minLength: 1, maxLength: 6 }).map((all) => all.join(' '))
const paragraph = fc.array(line, { minLength: 1, maxLength: 3 }).map((all) => all.join('\n'))
const list = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 4 }), fc.constantFrom('- ', '1. ', '* ', '- [ ] '), fc.boolean())
  .map(([items, mark, loose]) => items.map((item) => mark + item).join(loose ? '\n\n' : '\n'))
const nested = fc.tuple(line, line, line).map(([a, b, c]) => `- ${a}\n  - ${b}\n\n    ${c}`)
const fence = fc
  .tuple(
    fc.constantFrom('```', '````', '~~~'),
    fc.constantFrom('', 'ts', 'diff'),
    fc.array(fc.constantFrom('x = 1', '', '```', '# no', '  - no'), { maxLength: 5 }),
  )
  .map(
    ([mark, lang, body]) =>
      `${mark}${lang}\n${body.filter((l) => (mark === '```' ? l !== '```' : true)).join('\n')}\n${mark}`,
  )
const indented = line.map((text) => `    ${text}\n\n    ${text}`)
const heading = fc.oneof(
  line.map((text) => `## ${text}`),
  line.map((text) => `${text}\n===`),
)
const quote = paragraph.map((text) => `> ${text.replaceAll('\n', '\n> ')}`)
const table = fc.tuple(words, words).map(([a, b]) => `| ${a} | ${b} |\n|---|:-:|\n| ${b} | ${a} |`)
const rule = fc.constant('---')
const reaching = fc.constantFrom('[ref]: https://x.y', '<div>\n\nraw\n\n</div>', 'see [ref]')
const document = fc
  .array(fc.oneof(paragraph, list, nested, fence, indented, heading, quote, table, rule, paragraph, reaching), {
    minLength: 1,
    maxLength: 6,
  })
  .chain((blocks) =>
    fc
      .array(fc.constantFrom('\n\n', '\n\n', '\n\n\n', '\n'), { minLength: blocks.length, maxLength: blocks.length })
      .map((gaps) => blocks.map((block, i) => block + (gaps[i] ?? '')).join('')),
  )

describe('a growing message', () => {
  test('every prefix of 400 seeded documents parses as the whole prefix does', () => {
    fc.assert(
      fc.property(document, (text) => {
        const growing = new GrowingBlocks()
        for (let end = 1; end <= text.length; end++) {
          growing.update(text.slice(0, end))
          expect(shape(growing.blocks())).toEqual(shape(parseBlocks(text.slice(0, end))))
        }
      }),
      { numRuns: 400, seed: 20261121 },
    )
  })

  test('any split of a document ends in the full parse', () => {
    fc.assert(
      fc.property(document, fc.array(fc.nat(60), { maxLength: 30 }), (text, steps) => {
        const growing = new GrowingBlocks()
        let end = 0
        for (const step of steps) {
          end = Math.min(text.length, end + step)
          growing.update(text.slice(0, end))
        }
        growing.update(text)
        expect(shape(growing.blocks())).toEqual(shape(parseBlocks(text)))
      }),
      { numRuns: 400, seed: 7 },
    )
  })

  test('settled blocks keep their identity, and are not lexed again', () => {
    const growing = new GrowingBlocks()
    const paragraphs = Array.from({ length: 200 }, (_, i) => `Paragraph ${i} with some **words** in it.\n\n`)
    let text = ''
    let first: Block | undefined
    for (const part of paragraphs) {
      text += part
      growing.update(text)
      first ??= growing.blocks()[0]
    }
    expect(growing.blocks()[0]).toBe(first)
    expect(growing.lexed).toBeLessThan(text.length * 5)
  })
})

test('chunks are cut left to right, so their cuts do not move as the message grows', () => {
  const blocks = parseBlocks(Array.from({ length: 40 }, (_, i) => `Paragraph ${i}\n\n`).join(''))
  const whole = chunkStarts(blocks)
  expect(whole).toEqual([0, CHUNK_BLOCKS, 2 * CHUNK_BLOCKS, 3 * CHUNK_BLOCKS, 4 * CHUNK_BLOCKS])
  for (let n = 1; n <= blocks.length; n++) {
    const early = chunkStarts(blocks.slice(0, n))
    expect(early).toEqual(whole.slice(0, early.length))
  }
})
