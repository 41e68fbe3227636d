import type { Finding } from '@coppice/protocol'

/** How many things of one kind are named one by one; of more only the number is told. */
const NAMED = 20

/** Collects what is found. Of many alike the first are named and the rest counted, so that a report stays readable. */
export class Findings {
  readonly #found: Finding[] = []
  readonly #more = new Map<string, { area: Finding['area']; level: Finding['level']; count: number }>()
  readonly #named = new Map<string, number>()

  /** @param kind findings of one kind are cut off together. */
  add(kind: string, finding: Finding): void {
    const named = this.#named.get(kind) ?? 0
    this.#named.set(kind, named + 1)
    if (named < NAMED) {
      this.#found.push(finding)
      return
    }
    const count = (this.#more.get(kind)?.count ?? 0) + 1
    this.#more.set(kind, { area: finding.area, level: finding.level, count })
  }

  all(): Finding[] {
    const cut = [...this.#more.values()].map(({ area, level, count }): Finding => ({
      level,
      area,
      says: `There are ${count} more of the kind before.`,
      advice: 'They are not named one by one.',
      mending: 'no',
    }))
    return [...this.#found, ...cut]
  }
}
