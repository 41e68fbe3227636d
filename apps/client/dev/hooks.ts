import { makeCommand, newId, WORKSPACE_STREAM, workspaceLog } from '@coppice/events'
import type { CommandData, DraftEvent, EventId, WorkspaceHook } from '@coppice/events'
import { SessionScript } from './acts.ts'
import type { StandInServer } from './stand-in-server.ts'

const MINUTE = 60_000
const TREE = '8f1c2d3e4b5a69788796a5b4c3d2e1f001122334'

const base = {
  stopOnFailure: true,
  retries: 0,
  timeoutSeconds: 120,
  report: 'truncated' as const,
  files: [],
  branches: [],
}
const script = (text: string): WorkspaceHook['work'] => ({ kind: 'script', script: text })
const hooks: readonly WorkspaceHook[] = [
  {
    ...base,
    hookId: 'install',
    event: 'init',
    name: 'Install dependencies',
    work: script('pnpm install --frozen-lockfile'),
    retries: 2,
    timeoutSeconds: 600,
    report: 'command',
  },
  {
    ...base,
    hookId: 'types',
    event: 'agent_finish',
    name: 'Types',
    work: script('pnpm check:types'),
    files: ['src/**'],
  },
  {
    ...base,
    hookId: 'unit',
    event: 'agent_finish',
    name: 'Unit tests',
    work: { kind: 'task', task: 'Tests with the database' },
    retries: 1,
    timeoutSeconds: 300,
  },
  {
    ...base,
    hookId: 'migrations',
    event: 'agent_finish',
    name: 'Migrations',
    work: script('pnpm db:check'),
    files: ['migrations/'],
  },
  { ...base, hookId: 'lint', event: 'done', name: 'Lint', work: script('pnpm lint'), report: 'full' },
  {
    ...base,
    hookId: 'drop',
    event: 'cancel',
    name: 'Drop the session’s database',
    work: script('./scripts/drop-db.sh'),
    report: 'none',
    timeoutSeconds: 60,
  },
]

/** The hooks of a workspace, one of them off because it failed and failed; and how they fared in a session. */
export function someHooks(server: StandInServer): void {
  const address = { log: workspaceLog('harbor'), stream: WORKSPACE_STREAM }
  const now = Date.now()
  const set = (type: 'workspace.setHook', data: CommandData<'workspace.setHook'>): unknown =>
    server.decide(makeCommand(address, type, data, { id: newId(), now }))
  for (const hook of hooks) set('workspace.setHook', hook)
  const options = { inChat: false, doneRetry: true }
  server.decide(makeCommand(address, 'workspace.setHookOptions', options, { id: newId(), now }))
  server.decide(makeCommand(address, 'workspace.switchHooks', { event: 'start', on: false }, { id: newId(), now }))
  const id = newId()
  const trip: DraftEvent = {
    ...address,
    id: id as EventId,
    type: 'workspace.hookTripped',
    schemaVersion: 1,
    actor: { kind: 'runner', id: 'oak-2' },
    causationId: id,
    correlationId: id,
    occurredAt: now,
    data: { hookId: 'lint', failures: 5, sessions: 2, until: now + 6 * MINUTE },
  }
  server.append([trip], now)
  runs(new SessionScript(server, 'harbor', 'limit', now - 12 * MINUTE))
}

function runs(session: SessionScript): void {
  const begin = (
    roundId: string,
    event: WorkspaceHook['event'],
    ids: readonly string[],
    skipped: string[] = [],
  ): void =>
    session.saw('hooks.begun', {
      roundId,
      event,
      tree: TREE,
      runs: ids.map((hookId) => ({ runId: `${roundId}-${hookId}`, hookId, name: nameOf(hookId) })),
      skipped: skipped.map((hookId) => ({
        hookId,
        name: nameOf(hookId),
        why: 'No file that its file filter names has changed since the branch point.',
      })),
    })
  const start = (roundId: string, hookId: string, command: string, attempt = 1, attempts = 1): void => {
    const runId = `${roundId}-${hookId}`
    session.saw('hook.started', { roundId, runId, attempt, attempts, command, stream: `tasks/${runId}` })
  }
  const end = (roundId: string, hookId: string, exitCode: number, durationMs: number): void => {
    const failed = exitCode !== 0
    session.later(durationMs)
    session.saw('hook.ended', {
      roundId,
      runId: `${roundId}-${hookId}`,
      status: failed ? 'failed' : 'completed',
      ...(failed && { reason: 'exit' as const, message: `It ended with code ${exitCode}.` }),
      exitCode,
      durationMs,
    })
  }
  const finish = (roundId: string, event: WorkspaceHook['event'], failed: number): void =>
    session.saw('hooks.finished', { roundId, event, failed })
  begin('round-init', 'init', ['install'])
  start('round-init', 'install', 'pnpm install --frozen-lockfile', 1, 3)
  end('round-init', 'install', 0, 6_200)
  finish('round-init', 'init', 0)
  session.later(4 * MINUTE)
  begin('round-1', 'agent_finish', ['types', 'unit'], ['migrations'])
  start('round-1', 'types', 'pnpm check:types')
  end('round-1', 'types', 0, 8_400)
  start('round-1', 'unit', 'pnpm test:db', 1, 2)
  start('round-1', 'unit', 'pnpm test:db', 2, 2)
  end('round-1', 'unit', 1, 21_700)
  finish('round-1', 'agent_finish', 1)
  session.later(4 * MINUTE)
  begin('round-2', 'agent_finish', ['types', 'unit'], ['migrations'])
  start('round-2', 'types', 'pnpm check:types')
  end('round-2', 'types', 0, 7_900)
  start('round-2', 'unit', 'pnpm test:db', 1, 2)
}

const nameOf = (hookId: string): string => hooks.find((hook) => hook.hookId === hookId)?.name ?? hookId
