/** The part of JSON Schema that our messages come out as. */
export interface Shape {
  readonly anyOf?: readonly Shape[]
  readonly oneOf?: readonly Shape[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly type?: string
  readonly pattern?: string
  readonly minItems?: number
  readonly items?: Shape | false
  /** Of a tuple. */
  readonly prefixItems?: readonly Shape[]
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
}

/** A value that fits a schema, chosen by `random` (0 to 1). Texts come from `words`, first those that a pattern takes. */
export function fromSchema(shape: Shape, random: () => number, words: readonly string[]): unknown {
  const again = (one: Shape): unknown => fromSchema(one, random, words)
  const choices = shape.anyOf ?? shape.oneOf
  if (choices) return again(pick(choices, random) ?? {})
  if ('const' in shape) return shape.const
  if (shape.enum) return pick(shape.enum, random)
  switch (shape.type) {
    case 'string': {
      const { pattern } = shape
      const fitting = pattern === undefined ? words : words.filter((word) => new RegExp(pattern).test(word))
      return pick(fitting.length > 0 ? fitting : words, random)
    }
    case 'integer':
      return Math.floor(random() * 20)
    case 'number':
      return random() * 1_000
    case 'boolean':
      return random() < 0.5
    case 'array': {
      if (shape.prefixItems) return shape.prefixItems.map(again)
      const length = Math.max(shape.minItems ?? 0, Math.floor(random() * 3))
      return Array.from({ length }, () => again(shape.items || {}))
    }
    case 'object': {
      const entries = Object.entries(shape.properties ?? {}).filter(
        ([name]) => shape.required?.includes(name) === true || random() < 0.5,
      )
      return Object.fromEntries(entries.map(([name, one]) => [name, again(one)]))
    }
    default:
      return pick([null, 1, 'x', {}], random)
  }
}

export const pick = <T>(of: readonly T[], random: () => number): T | undefined => of[Math.floor(random() * of.length)]
