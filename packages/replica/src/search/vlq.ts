/** Five bits a sign, the low ones first; a sign of the second half says that more follow. As in source maps, without sign bit. */
const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const BITS = 5
const MORE = 1 << BITS
/** Between two lists of numbers. */
export const BETWEEN_LISTS = ','

const valueOf = new Int8Array(128)
for (let value = 0; value < SIGNS.length; value += 1) valueOf[SIGNS.charCodeAt(value)] = value

/** Small numbers are by far the most frequent. */
const SMALL = Array.from({ length: MORE * MORE }, (_, number) => written(number))

/** A whole number from 0 to 2^31 - 1 in as few signs as it needs: text, because a database gives text to JavaScript faster than bytes. */
export function vlq(number: number): string {
  return SMALL[number] ?? written(number)
}

function written(number: number): string {
  let text = ''
  let left = number
  do {
    const low = left & (MORE - 1)
    left >>>= BITS
    text += SIGNS[left > 0 ? low | MORE : low]
  } while (left > 0)
  return text
}

/** The numbers of a list, each added to those before it; they begin after `start`. */
export function sumsOf(text: string, start: number): number[] {
  const sums: number[] = []
  let sum = start
  let number = 0
  let shift = 0
  for (let at = 0; at < text.length; at += 1) {
    const value = valueOf[text.charCodeAt(at)] ?? 0
    number |= (value & (MORE - 1)) << shift
    if (value >= MORE) {
      shift += BITS
      continue
    }
    sum += number
    sums.push(sum)
    number = 0
    shift = 0
  }
  return sums
}
