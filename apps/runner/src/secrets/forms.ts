/** A shorter value cannot be told from ordinary text, UTF-16 units. */
export const shortestSecret = 8
/** Of a secret of several lines, a line of its own counts from here on: keys are often printed line by line. */
const shortestLine = 16
const lineWidths = [64, 76]

/**
 * All forms in which a secret is looked for: as it is, escaped as in JSON, percent-encoded, in hexadecimal, and in base64
 * wherever in a longer text it stands, whole or broken into lines. An agent that wants to hide one can always find another form;
 * these are the ones in which programs print them.
 */
export function formsOf(secret: string): readonly string[] {
  const plain = secret.trim()
  if (plain.length < shortestSecret) return []
  const bytes = Buffer.from(plain, 'utf8')
  const escaped = encodeURIComponent(plain.toWellFormed())
  const strict = escaped.replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
  const lines = plain.split(/\r?\n/)
  const base64 = bytes.toString('base64')
  const forms = [
    plain,
    JSON.stringify(plain).slice(1, -1),
    ...[escaped, strict, new URLSearchParams([['', plain]]).toString().slice(1)].flatMap((one) => [
      one,
      lowerPercent(one),
      one.replaceAll('%20', '+'),
    ]),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    base64,
    base64.replace(/=+$/, ''),
    ...[0, 1, 2].flatMap((before) => base64Within(bytes, before)).flatMap((one) => [one, urlSafe(one)]),
    ...(lines.length > 1 ? lines.map((line) => line.trim()).filter(isTelling) : []),
    ...lineWidths.flatMap((width) => pieces(base64, width)).filter((line) => line.length >= shortestLine),
  ]
  return [...new Set(forms)].filter((form) => form.length >= shortestSecret)
}

/** The first and last line of a key in PEM tell nothing. */
const isTelling = (line: string): boolean => line.length >= shortestLine && !line.startsWith('-----')

const lowerPercent = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
const urlSafe = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_')

/** The letters of base64 that are the secret's alone when `before` bytes (of three) stand before it. */
function base64Within(bytes: Buffer, before: number): string[] {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replace(/=+$/, '')
  const from = Math.ceil((before * 8) / 6)
  const to = Math.floor(((before + bytes.length) * 8) / 6)
  return [text.slice(from, to)]
}

function pieces(text: string, width: number): string[] {
  if (text.length <= width) return []
  const found: string[] = []
  for (let at = 0; at < text.length; at += width) found.push(text.slice(at, at + width))
  return found
}
