/** Label names and values, in the order they are written. */
type Labels = Readonly<Record<string, string>>

/** One thing that is measured, in the Prometheus text format (version 0.0.4). */
export interface Instrument {
  lines(): readonly string[]
}

const labelled = (name: string, labels: Labels): string => {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value.replaceAll(/["\\\n]/g, '_')}"`)
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
}
const header = (name: string, help: string, type: string): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
]

/** Counts up, apart for each set of labels. Their values must come from a list that does not grow. */
export class Counter implements Instrument {
  readonly #counts = new Map<string, { count: number }>()
  readonly #name: string
  readonly #help: string

  constructor(name: string, help: string) {
    this.#name = name
    this.#help = help
  }

  /** What is counted with these labels. To be asked for once and kept: finding it costs more than counting. */
  with(labels: Labels): { count: number } {
    const key = labelled(this.#name, labels)
    const counted = this.#counts.get(key) ?? { count: 0 }
    this.#counts.set(key, counted)
    return counted
  }

  lines(): readonly string[] {
    return [
      ...header(this.#name, this.#help, 'counter'),
      ...[...this.#counts].map(([key, { count }]) => `${key} ${count}`),
    ]
  }
}

/** How often a value was at most so much. */
export class Histogram implements Instrument {
  readonly #name: string
  readonly #help: string
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0
  #count = 0

  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name
    this.#help = help
    this.#bounds = bounds
    this.#counts = bounds.map(() => 0)
  }

  observe(value: number): void {
    this.#sum += value
    this.#count += 1
    const at = this.#bounds.findIndex((bound) => value <= bound)
    if (at >= 0) this.#counts[at] = (this.#counts[at] ?? 0) + 1
  }

  lines(): readonly string[] {
    let below = 0
    const buckets = this.#bounds.map((bound, index) => {
      below += this.#counts[index] ?? 0
      return `${this.#name}_bucket{le="${bound}"} ${below}`
    })
    return [
      ...header(this.#name, this.#help, 'histogram'),
      ...buckets,
      `${this.#name}_bucket{le="+Inf"} ${this.#count}`,
      `${this.#name}_sum ${this.#sum}`,
      `${this.#name}_count ${this.#count}`,
    ]
  }
}

/** What is looked up when somebody asks. */
export class Gauge implements Instrument {
  readonly #name: string
  readonly #help: string
  readonly #read: () => readonly (readonly [Labels, number])[]

  constructor(name: string, help: string, read: () => readonly (readonly [Labels, number])[]) {
    this.#name = name
    this.#help = help
    this.#read = read
  }

  lines(): readonly string[] {
    return [
      ...header(this.#name, this.#help, 'gauge'),
      ...this.#read().map(([labels, value]) => `${labelled(this.#name, labels)} ${value}`),
    ]
  }
}
