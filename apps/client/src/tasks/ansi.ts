/** A piece of one line in one look: its text and the classes of its colours. */
export interface Piece {
  readonly text: string
  readonly look: string
}

interface Look {
  fg: string
  bg: string
  bold: boolean
  dim: boolean
  italic: boolean
  underline: boolean
}

const plain: Look = { fg: '', bg: '', bold: false, dim: false, italic: false, underline: false }
const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']

/** Longest sequence that is waited for: what is longer is no sequence. */
const LONGEST = 4_096

/**
 * Turns what a program prints for a terminal into lines with colours (ECMA-48 SGR). Other sequences are left out; a carriage
 * return begins the line anew, as progress bars have it. Text may come in any pieces.
 */
export class AnsiLines {
  /** All lines; the last one may still grow. */
  readonly lines: Piece[][] = [[]]
  #look: Look = plain
  /** A sequence that is not whole yet. */
  #open = ''
  #return = false

  push(text: string): void {
    const all = this.#open + text
    this.#open = ''
    let at = 0
    for (const match of all.matchAll(/(?!\t)\p{Cc}/gu)) {
      if (match.index < at) continue
      this.#text(all.slice(at, match.index))
      at = this.#control(all, match.index)
      if (at < 0) {
        this.#open = all.slice(match.index)
        return
      }
    }
    this.#text(all.slice(at))
  }

  /** @returns where it ends, or -1 where more must come first */
  #control(all: string, from: number): number {
    const sign = all[from]
    if (sign === '\n') {
      this.#return = false
      this.lines.push([])
      return from + 1
    }
    if (sign === '\r') {
      this.#return = true
      return from + 1
    }
    if (sign === '\b') {
      this.#erase()
      return from + 1
    }
    if (sign !== '\u001b') return from + 1
    const length = sequenceLength(all, from)
    if (length === undefined) return all.length - from > LONGEST ? from + 1 : -1
    const sequence = all.slice(from, from + length)
    if (sequence.startsWith('\u001b[') && sequence.endsWith('m')) this.#look = styled(this.#look, sequence.slice(2, -1))
    return from + length
  }

  #text(text: string): void {
    if (text === '') return
    if (this.#return) {
      this.#last = []
      this.#return = false
    }
    const line = this.lines.at(-1) ?? []
    const look = classesOf(this.#look)
    const last = line.at(-1)
    this.#last =
      last?.look === look ? [...line.slice(0, -1), { look, text: last.text + text }] : [...line, { look, text }]
  }

  /** A line that was shown is not changed but replaced. */
  set #last(line: Piece[]) {
    this.lines[this.lines.length - 1] = line
  }

  #erase(): void {
    const line = this.lines.at(-1) ?? []
    const last = line.at(-1)
    if (!last) return
    const left = last.text.slice(0, -1)
    this.#last = left === '' ? line.slice(0, -1) : [...line.slice(0, -1), { ...last, text: left }]
  }
}

/** Length of the sequence at a place; nothing where its end is not there. */
function sequenceLength(all: string, from: number): number | undefined {
  const kind = all[from + 1]
  if (kind === undefined) return undefined
  if (kind === '[') {
    for (let at = from + 2; at < all.length; at += 1) if (/[@-~]/.test(all[at] ?? '')) return at - from + 1
    return undefined
  }
  // Titles, links and the like: they end with BEL or ST.
  if (kind === ']' || kind === 'P' || kind === '^' || kind === '_') {
    for (let at = from + 2; at < all.length; at += 1) {
      if (all[at] === '\u0007') return at - from + 1
      if (all[at] === '\u001b' && all[at + 1] === '\\') return at - from + 2
    }
    return undefined
  }
  if ('()*+#% '.includes(kind)) return all.length > from + 2 ? 3 : undefined
  return 2
}

function styled(before: Look, codes: string): Look {
  let look = { ...before }
  const numbers = codes.split(/[;:]/).map(Number)
  for (let n = 0; n < numbers.length; n += 1) {
    const code = numbers[n] ?? 0
    if (code === 0) look = { ...plain }
    else if (code === 1) look.bold = true
    else if (code === 2) look.dim = true
    else if (code === 3) look.italic = true
    else if (code === 4) look.underline = true
    else if (code === 22) look = { ...look, bold: false, dim: false }
    else if (code === 23) look.italic = false
    else if (code === 24) look.underline = false
    else if (code === 39) look.fg = ''
    else if (code === 49) look.bg = ''
    else if (code === 38 || code === 48) {
      const rich = numbers[n + 1]
      const colour = rich === 5 ? indexed(numbers[n + 2] ?? 0) : nearest(numbers.slice(n + 2, n + 5))
      look = code === 38 ? { ...look, fg: colour } : { ...look, bg: colour }
      n += rich === 5 ? 2 : 4
    } else if (code >= 30 && code <= 37) look.fg = names[code - 30] ?? ''
    else if (code >= 90 && code <= 97) look.fg = names[code - 90] ?? ''
    else if (code >= 40 && code <= 47) look.bg = names[code - 40] ?? ''
    else if (code >= 100 && code <= 107) look.bg = names[code - 100] ?? ''
  }
  return look
}

/** Of 256 colours, the one of the eight that is nearest: they are the ones that can be read in light and dark. */
function indexed(colour: number): string {
  if (colour < 16) return names[colour % 8] ?? ''
  if (colour >= 232) return colour < 244 ? 'black' : 'white'
  const cube = colour - 16
  return nearest([Math.floor(cube / 36) * 51, (Math.floor(cube / 6) % 6) * 51, (cube % 6) * 51])
}

function nearest(rgb: readonly number[]): string {
  const bits = rgb.map((part, n) => (part > 127 ? 1 << n : 0)).reduce((sum, bit) => sum + bit, 0)
  return names[bits] ?? ''
}

const classesOf = ({ fg, bg, bold, dim, italic, underline }: Look): string =>
  [
    fg && `ansi-${fg}`,
    bg && `ansi-on-${bg}`,
    bold && 'ansi-bold',
    dim && 'ansi-dim',
    italic && 'ansi-italic',
    underline && 'ansi-underline',
  ]
    .filter((one) => one !== '' && one !== false)
    .join(' ')

/** A line's text without its looks. */
export const textOf = (line: readonly Piece[]): string => line.map(({ text }) => text).join('')
