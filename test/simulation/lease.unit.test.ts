import { expect, test } from 'vitest'

/**
 * The rules of leases as a model so small that every order of everything can be tried: two runners of one session, the log
 * with its count of changes of hands, a server that knows how long each was silent. Words are lost at any moment, or take any
 * time. All clocks go at the same pace and never back; none is compared with another.
 */
interface Runner {
  /** It is told how things stand, and hears answers. */
  readonly connected: boolean
  /** The change of hands under which it works; undefined while it does not. */
  readonly working: number | undefined
  /** Ticks since it sent the last word that was answered. */
  readonly unanswered: number
  /** Ticks since it sent the word that is on its way to the server, or whose answer is on its way back. */
  readonly word: { readonly at: 'out' | 'back'; readonly age: number } | undefined
  /** What it saw and the server has not answered for: under which change of hands. */
  readonly spool: readonly number[]
  readonly orphans: number
}
interface State {
  readonly epoch: number
  readonly holder: 0 | 1
  /** Ticks since the server heard of each. */
  readonly silent: readonly [number, number]
  readonly runners: readonly [Runner, Runner]
  /** Facts in the log: by whom, seen under which change of hands, appended under which. */
  readonly log: readonly { readonly by: number; readonly seen: number; readonly now: number }[]
  readonly seen: number
}

const LET_GO = 2
const LEASE = 3
const MOST_EPOCH = 2
const MOST_SEEN = 2

const idle: Runner = { connected: false, working: undefined, unanswered: 0, word: undefined, spool: [], orphans: 0 }
const START: State = {
  epoch: 0,
  holder: 0,
  silent: [0, LEASE],
  runners: [{ ...idle, connected: true, working: 0 }, idle],
  log: [],
  seen: 0,
}

type Rules = { readonly letsGo: boolean; readonly fences: boolean; readonly waits: boolean }
const RULES: Rules = { letsGo: true, fences: true, waits: true }

const tick = (n: number): number => Math.min(n + 1, LEASE)

function next(state: State, rules: Rules): [string, State][] {
  const found: [string, State][] = []
  const change = (by: 0 | 1, more: Partial<Runner>, rest: Partial<State> = {}): State => {
    const runner = { ...state.runners[by], ...more }
    return { ...state, ...rest, runners: by === 0 ? [runner, state.runners[1]] : [state.runners[0], runner] }
  }
  const hears = (by: 0 | 1): State['silent'] => (by === 0 ? [0, state.silent[1]] : [state.silent[0], 0])
  // Time passes for all; whoever is unanswered for too long lets go in the same moment.
  const older = (runner: Runner): Runner => {
    const unanswered = tick(runner.unanswered)
    const word = runner.word && { ...runner.word, age: tick(runner.word.age) }
    const working = rules.letsGo && unanswered > LET_GO ? undefined : runner.working
    return { ...runner, unanswered, word, working }
  }
  const silent: State['silent'] = [tick(state.silent[0]), tick(state.silent[1])]
  found.push(['a tick', { ...state, silent, runners: [older(state.runners[0]), older(state.runners[1])] }])
  for (const by of [0, 1] as const) {
    const runner = state.runners[by]
    const other = by === 0 ? 1 : 0
    if (runner.connected) {
      found.push([`${by} is cut off`, change(by, { connected: false, word: undefined })])
      if (!runner.word) found.push([`${by} says that it is there`, change(by, { word: { at: 'out', age: 0 } })])
      if (runner.word?.at === 'out')
        found.push([
          `the server hears ${by}`,
          change(by, { word: { ...runner.word, at: 'back' } }, { silent: hears(by) }),
        ])
      if (runner.word?.at === 'back')
        found.push([`${by} is answered`, change(by, { word: undefined, unanswered: runner.word.age })])
      // It reads the log: then it works only where it is the holder, and what it took to be so counts for nothing.
      const working = state.holder === by ? state.epoch : undefined
      if (runner.unanswered <= LET_GO && runner.working !== working)
        found.push([`${by} reads the log`, change(by, { working })])
      const [first, ...rest] = runner.spool
      if (first !== undefined) {
        const taken = !rules.fences || (state.holder === by && state.epoch === first)
        const stored = { log: [...state.log, { by, seen: first, now: state.epoch }] }
        found.push([
          `${by} is ${taken ? 'believed' : 'fenced'}`,
          taken ? change(by, { spool: rest }, stored) : change(by, { spool: rest, orphans: runner.orphans + 1 }),
        ])
      }
      const mayTake = !rules.waits || state.silent[other] >= LEASE
      if (state.holder === other && mayTake && state.epoch < MOST_EPOCH)
        found.push([`${by} takes over`, { ...state, epoch: state.epoch + 1, holder: by }])
    } else found.push([`${by} connects`, change(by, { connected: true, unanswered: 0 }, { silent: hears(by) })])
    if (runner.working !== undefined && state.seen < MOST_SEEN)
      found.push([
        `${by} sees something`,
        change(by, { spool: [...runner.spool, runner.working] }, { seen: state.seen + 1 }),
      ])
  }
  return found
}

/** What is wrong with a state, if anything. */
function wrong({ runners, log, seen }: State): string | undefined {
  if (runners[0].working !== undefined && runners[1].working !== undefined) return 'two work at the same time'
  if (log.some((fact) => fact.seen !== fact.now)) return 'a fact of a runner that was replaced stands in the session'
  const held = runners.reduce((sum, { spool, orphans }) => sum + spool.length + orphans, 0)
  if (log.length + held !== seen) return 'a fact was lost, or stands twice'
  return undefined
}

function explore(rules: Rules): { states: number; problem: string | undefined } {
  const known = new Set([JSON.stringify(START)])
  const open = [START]
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const [, after] of next(state, rules)) {
      const problem = wrong(after)
      if (problem !== undefined) return { states: known.size, problem }
      const key = JSON.stringify(after)
      if (known.has(key)) continue
      known.add(key)
      open.push(after)
    }
  }
  return { states: known.size, problem: undefined }
}

test('[BE-8] in every order of everything one runner works at a time, and what another one saw is kept apart and not lost', () => {
  const { states, problem } = explore(RULES)
  expect(problem).toBeUndefined()
  expect(states).toBeGreaterThan(10_000)
})

test('each rule is needed: without it the model finds what goes wrong', () => {
  expect(explore({ ...RULES, letsGo: false }).problem).toBe('two work at the same time')
  expect(explore({ ...RULES, waits: false }).problem).toBe('two work at the same time')
  expect(explore({ ...RULES, fences: false }).problem).toBe(
    'a fact of a runner that was replaced stands in the session',
  )
})
