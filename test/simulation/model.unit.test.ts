import { expect, test } from 'vitest'

/**
 * The rules of outbox, producer epochs and log as a model so small that every order of everything can be tried. Two
 * processes of one runner (the older was cut off and does not know it), one client with two commands of which the second
 * builds on the first, one server that may crash at any moment. Messages may be lost at any moment, never reordered within
 * a connection.
 */
interface Process {
  readonly epoch: number
  readonly spool: readonly string[]
  /** It was told that another process took over: it stops, and keeps what it has. */
  readonly fenced: boolean
}
type Message =
  | { readonly m: 'observe'; readonly by: number; readonly epoch: number; readonly id: string }
  | { readonly m: 'observed'; readonly by: number; readonly id: string; readonly fenced: boolean }
  | { readonly m: 'push'; readonly id: string }
  | { readonly m: 'receipt'; readonly id: string }
interface State {
  /** The epoch that counts: on the server's disk. */
  readonly granted: number
  /** What is in the log, and under which epoch facts came. */
  readonly log: readonly { readonly id: string; readonly epoch: number }[]
  readonly processes: readonly [Process, Process]
  readonly outbox: readonly string[]
  readonly acknowledged: readonly string[]
  /** One connection each for the two processes (0, 1) and the client (2). */
  readonly wires: readonly [readonly Message[], readonly Message[], readonly Message[]]
}

const GRANTS = 3
const ON_THE_WAY = 1

const START: State = {
  granted: 0,
  log: [],
  processes: [
    { epoch: 0, spool: ['a1', 'a2'], fenced: false },
    { epoch: 0, spool: ['b1'], fenced: false },
  ],
  outbox: ['c1', 'c2'],
  acknowledged: [],
  wires: [[], [], []],
}

const withAt = <T extends readonly unknown[]>(list: T, at: number, value: T[number]): T =>
  list.map((one, index) => (index === at ? value : one)) as unknown as T

/** Every state that can come next, with what happened. */
function next(state: State): [string, State][] {
  const found: [string, State][] = []
  for (const by of [0, 1] as const) {
    const process = state.processes[by]
    if (process.fenced) continue
    if (state.granted < GRANTS) {
      const epoch = state.granted + 1
      const greeted = { ...state, granted: epoch, wires: withAt(state.wires, by, []) }
      found.push([
        `process ${by} greets`,
        { ...greeted, processes: withAt(state.processes, by, { ...process, epoch }) },
      ])
      // The answer is lost: the server has granted an epoch that nobody has.
      found.push([`process ${by} greets in vain`, greeted])
    }
    const [id] = process.spool
    if (process.epoch > 0 && id !== undefined && state.wires[by].length < ON_THE_WAY)
      found.push([`process ${by} offers`, send(state, by, { m: 'observe', by, epoch: process.epoch, id })])
  }
  for (const id of state.outbox)
    if (state.wires[2].length < ON_THE_WAY && !state.wires[2].some((one) => 'id' in one && one.id === id))
      found.push([`client pushes ${id}`, send(state, 2, { m: 'push', id })])
  for (const wire of [0, 1, 2] as const) {
    const [message] = state.wires[wire]
    if (message === undefined) continue
    const taken = { ...state, wires: withAt(state.wires, wire, state.wires[wire].slice(1)) }
    found.push([`wire ${wire} delivers ${message.m}`, deliver(taken, wire, message)])
    found.push([`wire ${wire} is cut`, { ...state, wires: withAt(state.wires, wire, []) }])
  }
  found.push(['server crashes', { ...state, wires: [[], [], []] }])
  return found
}

const send = (state: State, wire: number, message: Message): State => ({
  ...state,
  wires: withAt(state.wires, wire, [...(state.wires[wire] ?? []), message]),
})

function deliver(state: State, wire: number, message: Message): State {
  const known = state.log.some((one) => 'id' in message && one.id === message.id)
  switch (message.m) {
    case 'observe': {
      const fenced = message.epoch !== state.granted
      const log = fenced || known ? state.log : [...state.log, { id: message.id, epoch: message.epoch }]
      return send({ ...state, log }, wire, { m: 'observed', by: message.by, id: message.id, fenced })
    }
    case 'observed': {
      const process = state.processes[message.by === 0 ? 0 : 1]
      const after = message.fenced
        ? { ...process, fenced: process.epoch < state.granted }
        : { ...process, spool: process.spool.filter((id) => id !== message.id) }
      return { ...state, processes: withAt(state.processes, message.by, after) }
    }
    case 'push': {
      // What builds on a command that is not there waits: the client pushes in order, so it comes again.
      const builds = message.id === 'c2' && !state.log.some(({ id }) => id === 'c1')
      if (builds) return state
      const log = known ? state.log : [...state.log, { id: message.id, epoch: 0 }]
      return send({ ...state, log }, wire, { m: 'receipt', id: message.id })
    }
    case 'receipt':
      return {
        ...state,
        outbox: state.outbox.filter((id) => id !== message.id),
        acknowledged: [...new Set([...state.acknowledged, message.id])].toSorted(),
      }
  }
}

/** What must hold in every state, whatever came before. */
function problem(state: State): string | undefined {
  const ids = state.log.map(({ id }) => id)
  if (new Set(ids).size !== ids.length) return 'something is in the log twice'
  if (state.acknowledged.some((id) => !ids.includes(id))) return 'something was acknowledged and is not in the log'
  if (ids.includes('c2') && ids.indexOf('c1') > ids.indexOf('c2')) return 'a command went ahead of what it was built on'
  const facts = state.log.filter(({ epoch }) => epoch > 0).map(({ epoch }) => epoch)
  if (facts.some((epoch, at) => at > 0 && epoch < (facts[at - 1] ?? 0))) return 'a fenced process appended'
  const kept = [...state.processes.flatMap(({ spool }) => spool), ...ids]
  if (['a1', 'a2', 'b1'].some((id) => !kept.includes(id))) return 'a fact is neither in the log nor with its process'
  return undefined
}

/** Everything that is not fenced has arrived. */
const isDone = ({ outbox, processes }: State): boolean =>
  outbox.length === 0 && processes.every(({ spool, fenced }) => fenced || spool.length === 0)

function explore(start: State): { states: Map<string, State>; before: Map<string, string[]>; broken: string[] } {
  const states = new Map([[JSON.stringify(start), start]])
  const before = new Map<string, string[]>()
  const broken: string[] = []
  const todo = [JSON.stringify(start)]
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    const state = states.get(name)
    if (!state) continue
    const wrong = problem(state)
    if (wrong !== undefined) broken.push(`${wrong}: ${name}`)
    for (const [, after] of next(state)) {
      const key = JSON.stringify(after)
      const from = before.get(key)
      if (from) from.push(name)
      else before.set(key, [name])
      if (states.has(key)) continue
      states.set(key, after)
      todo.push(key)
    }
  }
  return { states, before, broken }
}

test('[RL-1] in every order of greetings, messages, cuts and crashes: nothing twice, nothing lost, no append after a fence, and a way to the end', () => {
  const { states, before, broken } = explore(START)
  expect(broken).toEqual([])
  expect(states.size).toBeGreaterThan(10_000)
  // From the ends backwards: whatever has happened, everything can still be finished, as long as each process can greet
  // once more: the model has only so many greetings.
  const reaching = new Set([...states].filter(([, state]) => isDone(state)).map(([name]) => name))
  const todo = [...reaching]
  for (let name = todo.pop(); name !== undefined; name = todo.pop())
    for (const one of before.get(name) ?? [])
      if (!reaching.has(one)) {
        reaching.add(one)
        todo.push(one)
      }
  const stuck = [...states].filter(([name, state]) => !reaching.has(name) && state.granted <= GRANTS - 2)
  expect(stuck.slice(0, 3)).toEqual([])
})
