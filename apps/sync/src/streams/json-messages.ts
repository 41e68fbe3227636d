const NEWLINE = 0x0a
const COMMA = 0x2c

/** Whether a stream holds JSON messages: its media type, whatever parameters follow. */
export function isJson(contentType: string): boolean {
  return contentType.split(';')[0]?.trim().toLowerCase() === 'application/json'
}

/**
 * The messages of a body, as they are kept: each its own text with a newline behind. An array is a batch, one level
 * deep (Durable Streams protocol, section 9.1). The text stays the sender's, so that numbers keep all their digits;
 * JSON has line breaks only between tokens, so each can become a space. Undefined if the body is not JSON.
 */
export function toLines(body: string): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  const flat = body.replace(/[\n\r]/g, ' ').trim()
  const messages = Array.isArray(value) ? elementsOf(flat) : [flat]
  return messages.map((message) => `${message}\n`).join('')
}

/** The elements of a JSON array's text; the text was parsed before, so only strings and depth count. */
function elementsOf(array: string): string[] {
  const inside = array.slice(1, -1)
  const elements: string[] = []
  let depth = 0
  let quoted = false
  let begin = 0
  for (let at = 0; at < inside.length; at += 1) {
    const character = inside[at]
    if (quoted) {
      if (character === '\\') at += 1
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '[' || character === '{') depth += 1
    else if (character === ']' || character === '}') depth -= 1
    else if (character === ',' && depth === 0) {
      elements.push(inside.slice(begin, at).trim())
      begin = at + 1
    }
  }
  const last = inside.slice(begin).trim()
  return last === '' ? elements : [...elements, last]
}

/** Kept messages as one JSON array. */
export function toArray(lines: Uint8Array): Uint8Array {
  const array = new Uint8Array(Math.max(lines.length, 1) + 1)
  array[0] = 0x5b
  array.set(lines.subarray(0, Math.max(lines.length - 1, 0)), 1)
  for (let at = array.indexOf(NEWLINE); at !== -1; at = array.indexOf(NEWLINE, at + 1)) array[at] = COMMA
  array[array.length - 1] = 0x5d
  return array
}

/** Where the n-th of these messages ends, in bytes; undefined if there are fewer. */
export function endOfMessage(lines: Uint8Array, n: number): number | undefined {
  let end = 0
  for (let left = n; left > 0; left -= 1) {
    const newline = lines.indexOf(NEWLINE, end)
    if (newline === -1) return undefined
    end = newline + 1
  }
  return end
}
