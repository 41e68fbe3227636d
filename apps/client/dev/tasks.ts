import { makeCommand, newId, WORKSPACE_STREAM, workspaceLog, type WorkspaceTask } from '@coppice/events'
import { SessionScript } from './acts.ts'
import type { StandInServer } from './stand-in-server.ts'

const MINUTE = 60_000

const tasks: readonly WorkspaceTask[] = [
  {
    taskId: 'dev',
    name: 'Dev server',
    kind: 'start',
    folder: '',
    script: 'pnpm dev --port $COPPICE_PORT',
    environment: [],
  },
  {
    taskId: 'tests',
    name: 'Tests with the database',
    kind: 'test',
    folder: '',
    script: 'pnpm test:db',
    environment: [{ name: 'CI', value: '1' }],
  },
  { taskId: 'build', name: 'Build', kind: 'build', folder: '', script: 'pnpm build', environment: [] },
]

/** Tasks of a workspace, and what ran of them in a session. */
export function someTasks(server: StandInServer): void {
  const address = { log: workspaceLog('harbor'), stream: WORKSPACE_STREAM }
  for (const task of tasks)
    server.decide(makeCommand(address, 'workspace.setTask', task, { id: newId(), now: Date.now() }))
  const script = new SessionScript(server, 'harbor', 'limit', Date.now() - 9 * MINUTE)
  const begin = (task: WorkspaceTask | undefined): string => {
    const runId = newId()
    if (!task) return runId
    const { taskId, name, kind, script: command } = task
    script.person('task.start', { runId, taskId, name, kind })
    const ports = { first: 24_310, count: 10 }
    script.saw('process.started', { runId, name, kind, command, ports, stream: `tasks/${runId}` })
    return runId
  }
  const ended = begin(tasks[1])
  script.later(4_100)
  script.saw('process.ended', {
    runId: ended,
    status: 'failed',
    exitCode: 1,
    durationMs: 4_100,
    message: 'It ended with code 1.',
  })
  script.later(3 * MINUTE)
  begin(tasks[0])
}

const printed =
  '\u001b[36m[vite]\u001b[0m ready in \u001b[1m412 ms\u001b[0m\n' +
  '\u001b[32m➜\u001b[0m  listening on \u001b[36mhttp://localhost:24310/\u001b[0m\n' +
  'GET / \u001b[32m200\u001b[0m 12 ms\nGET /hooks \u001b[31m500\u001b[0m 3 ms\n' +
  '\u001b[33mwarn\u001b[0m the table "senders" has no index on key_id\n'

/** Output of tasks, where there is no server to have it. */
export function answerStreams(): void {
  const real = globalThis.fetch.bind(globalThis)
  globalThis.fetch = (input, init) => {
    const address = new URL(String(input instanceof Request ? input.url : input), location.href)
    if (!address.pathname.startsWith('/streams/')) return real(input, init)
    if (address.searchParams.get('live') !== null) return new Promise<Response>(() => undefined)
    const headers = { 'stream-next-offset': '0_1', 'stream-up-to-date': 'true' }
    return Promise.resolve(new Response(printed, { headers }))
  }
}
