import { expect, test } from 'vitest'
import { AnsiLines, textOf } from './ansi.ts'

function read(...pieces: string[]): AnsiLines {
  const lines = new AnsiLines()
  for (const piece of pieces) lines.push(piece)
  return lines
}

test('[TR-3] colours become looks, and everything else of a terminal is left out', () => {
  const { lines } = read('\u001b]0;title\u0007a \u001b[1;31mred\u001b[0m b\n\u001b[38;5;46mgreen\u001b[39m\u001b[2K!\n')
  expect(lines).toEqual([
    [
      { text: 'a ', look: '' },
      { text: 'red', look: 'ansi-red ansi-bold' },
      { text: ' b', look: '' },
    ],
    [
      { text: 'green', look: 'ansi-green' },
      { text: '!', look: '' },
    ],
    [],
  ])
})

test('the same bytes in any pieces give the same lines', () => {
  const text =
    'one\r\ntwo \u001b[48;2;255;0;0mon red\u001b[m\n 10 %\r 99 %\rdone\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\\nabc\b\bX'
  const whole = read(text).lines
  for (let at = 1; at < text.length; at += 1) expect(read(text.slice(0, at), text.slice(at)).lines).toEqual(whole)
  expect(read(...text).lines.map(textOf)).toEqual(['one', 'two on red', 'donelink', 'aX'])
})

test('what looks like a sequence and never ends is not waited for, for ever', () => {
  const { lines } = read('\u001b]0;', 'x'.repeat(5_000), '\nafter')
  expect(textOf(lines.at(-1) ?? [])).toBe('after')
})
