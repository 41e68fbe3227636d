/** One place of a text that becomes another: so many units from `at` on are replaced by `put`. */
export interface TextChange {
  readonly at: number
  readonly cut: number
  readonly put: string
}

/**
 * The smallest single change between two texts. With `caret`, where the person's caret is after it: of several places that
 * give the same text ("aa" to "aaa") the one that ends there is meant. No letter of two units is cut in two.
 */
export function changeBetween(before: string, after: string, caret: number = after.length): TextChange {
  const room = Math.min(before.length, after.length)
  // What follows the caret was there before.
  const tail = Math.max(0, Math.min(after.length - caret, room))
  let end = 0
  while (end < tail && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1
  let at = 0
  while (at < room - end && before[at] === after[at]) at += 1
  while (end < room - at && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1
  if (at > 0 && isHigh(before, at - 1)) at -= 1
  if (end > 0 && isLow(before, before.length - end)) end -= 1
  return { at, cut: before.length - at - end, put: after.slice(at, after.length - end) }
}

const isHigh = (text: string, at: number): boolean => /[\ud800-\udbff]/.test(text[at] ?? '')
const isLow = (text: string, at: number): boolean => /[\udc00-\udfff]/.test(text[at] ?? '')

/** Where a caret is once a change has been made by somebody else: it stays by the letters it was by. */
export function caretAfter(caret: number, { at, cut, put }: TextChange): number {
  if (caret <= at) return caret
  return caret >= at + cut ? caret - cut + put.length : at
}
