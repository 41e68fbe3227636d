import { asSession, initialState, nothingSpent, sessionStream, workspaceLog } from '@coppice/events'
import { expect, test } from 'vitest'
import { agentTimeouts } from '../agents/acp-agent.ts'
import { Redaction } from '../agents/redaction.ts'
import { QueueingLocks } from '../git/queueing-lock.ts'
import { temporaryRepository } from '../git/temporary-repository.ts'
import { WorkPlaces } from '../machine/work-places.ts'
import { SessionDiffs } from '../diff/session-diffs.ts'
import { Pickers } from '../pickers/pickers.ts'
import { SecretStore } from '../secrets/secret-store.ts'
import { PortRanges } from '../processes/port-ranges.ts'
import type { RunnerContext } from '../runner-context.ts'
import { AgentKeeper } from './agent-keeper.ts'
import { LiveFeed } from './live-feed.ts'
import { Turn } from './turn.ts'

test('a turn that waits for a git operation while the runner goes down begins no agent, and leaves its end to the next process', async () => {
  using at = temporaryRepository()
  const address = { log: workspaceLog('w1'), stream: sessionStream('s1') }
  const empty = initialState(address.log, address.stream)
  if (!empty) throw new Error('sessions stand in workspace logs')
  const told: unknown[] = []
  const context: RunnerContext = {
    runnerId: 'r1',
    dataFolder: at.data,
    env: {},
    locks: new QueueingLocks(),
    worktrees: at.worktrees,
    redaction: new Redaction([]),
    secrets: await SecretStore.open(at.data, () => undefined),
    fetchBlob: () => Promise.reject(new Error('nothing is attached')),
    storeBlob: () => Promise.reject(new Error('a turn stores no blobs')),
    readSession: () => Promise.resolve([]),
    ports: new PortRanges(at.data),
    pickers: new Pickers(() => performance.now()),
    diffs: new SessionDiffs(new Redaction([])),
    tools: { admit: () => ({ url: '', token: '', revoke: () => undefined }) },
    records: { begin: () => undefined, grown: () => undefined, over: () => undefined },
    timeouts: agentTimeouts,
    agentIdleMs: 1_000,
    sandboxOf: () => undefined,
    spentElsewhere: () => nothingSpent,
    othersOfGroup: () => [],
    botOf: () => undefined,
    now: Date.now,
    say: () => undefined,
    observe: (_address, type, data) => {
      told.push({ type, ...data })
      return Promise.resolve(true)
    },
    push: () => Promise.reject(new Error('a turn sends no commands')),
    live: () => undefined,
    activity: () => undefined,
    stale: { staleMs: 0, killMs: undefined },
    places: new WorkPlaces(1, () => ''),
  }
  const exits: unknown[] = []
  const keeper = new AgentKeeper(
    context,
    'w1',
    's1',
    (exit) => exits.push(exit),
    () => Promise.reject(new Error('nothing is called')),
  )
  const release = await context.locks.take('session/s1', 'git discard')
  const turn = new Turn({
    context,
    address,
    sessionId: 's1',
    turnId: 't1',
    runId: 'r1',
    messageIds: ['m1'],
    text: 'Hello.',
    files: [],
    unheard: [],
    cause: { id: 'c1', correlationId: 'c1' },
    worktree: await at.session('s1'),
    keeper,
    feed: new LiveFeed(context, address.log, 's1'),
    price: undefined,
    workspaceBudget: () => ({ budget: undefined, elsewhere: nothingSpent }),
    workspaceRules: () => [],
    state: () => ({ ...asSession(empty), provider: 'script', model: 'script' }),
  })
  const done = turn.run()
  turn.abort()
  release()
  await done
  expect(told).toEqual([])
  expect(exits).toEqual([])
  expect(context.locks.holder('session/s1')).toBeUndefined()
})
