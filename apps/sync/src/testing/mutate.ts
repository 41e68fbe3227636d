import { pick } from './from-schema.ts'

const DEEP = 20_000
/** What a member may become, as JSON text: values that break what was not written with care. */
const HOSTILE: readonly string[] = [
  'null',
  'true',
  '-1',
  '0.5',
  '1e308',
  '1e999',
  '9007199254740993',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"../../etc/passwd"',
  '"<script>alert(1)</script>"',
  '"constructor"',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"toString":1,"hasOwnProperty":2,"length":-1}',
  `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
  `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  JSON.stringify('x'.repeat(100_000)),
  JSON.stringify('\u202e'.repeat(1_000)),
  `[${'{},'.repeat(2_000)}{}]`,
]
const PLACE = 'place of something hostile'

/** A message as text, with none to three members of it changed, and sometimes the text itself. The message is used up. */
export function mutated(message: unknown, random: () => number): string {
  for (let times = Math.floor(random() * 4); times > 0; times -= 1) changeMember(message, random)
  const text = JSON.stringify(message).replaceAll(JSON.stringify(PLACE), () => pick(HOSTILE, random) ?? 'null')
  return random() < 0.15 ? changeText(text, random) : text
}

function changeMember(message: unknown, random: () => number): void {
  const place = pick(placesIn(message), random)
  if (place === undefined) return
  const kind = random()
  if (kind < 0.2) delete place.of[place.key]
  else if (kind < 0.3) place.of[`extra${Math.floor(random() * 10)}`] = PLACE
  else place.of[place.key] = PLACE
}

function changeText(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length)
  const kind = random()
  if (kind < 0.4) return text.slice(0, at)
  if (kind < 0.8)
    return (
      text.slice(0, at) + (pick(['"', '{', ']', ',', '\\', '\0', 'é', '\ufeff'], random) ?? '') + text.slice(at + 1)
    )
  return pick(['', '{}', '[]', 'null', '0', text + text, '{"t":"ping","t":"push"}'], random) ?? ''
}

interface Place {
  readonly of: Record<string, unknown>
  readonly key: string
}

/** All members of all objects and lists in a message; not below what is nested too deep to matter. */
function placesIn(value: unknown, depth = 0): Place[] {
  if (typeof value !== 'object' || value === null || depth > 20) return []
  const of = value as Record<string, unknown>
  return Object.keys(of)
    .slice(0, 50)
    .flatMap((key) => [{ of, key }, ...placesIn(of[key], depth + 1)])
}
