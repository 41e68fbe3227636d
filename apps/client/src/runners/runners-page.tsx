import type { RunnerRow } from '@coppice/events'
import { A } from '@solidjs/router'
import { createMemo, For, Show, type JSX } from 'solid-js'
import { EachWorkspace } from '../settings/each-workspace.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { sessionsOn } from './held-sessions.ts'
import { RunnerCard } from './runner-card.tsx'
import { useRunnerNews } from './runner-news.ts'
import { StandIns } from './stand-ins.tsx'

const stores = { pglite: 'PGlite', postgresql: 'PostgreSQL' }

/** Every runner and how it is doing, how the server is doing, and which runners serve each workspace (REC-44). */
export function Runners(): JSX.Element {
  const signals = useReplica()
  const runners = signals.table('runners')
  const sessions = signals.table('sessions')
  const workspaces = signals.table('workspaces')
  const members = signals.table('members')
  const news = useRunnerNews()
  const rows = createMemo(() => [...runners().values()].sort((a, b) => (a.name < b.name ? -1 : 1)))
  const online = (runnerId: string) => (signals.connection(), signals.replica.runnersOnline().includes(runnerId))
  const serves = ({ runnerId }: RunnerRow) =>
    [...workspaces().values()].filter((one) => one.runnerId === runnerId || one.standIns?.includes(runnerId) === true)
  const admin = (workspaceId: string) => {
    const role = members().get(`${workspaceId}/${signals.replica.userId}`)?.role
    return role === 'owner' || role === 'admin'
  }
  return (
    <>
      <h2 class="text-16 font-semibold">Runners</h2>
      <p class="mb-3 text-supports">
        A runner owns worktrees and starts agents. One on another machine needs a token of its own; then it can stand in
        for the first one of a workspace.
      </p>
      <A class="button small mb-3" href="/settings/tokens">
        Make a token for a runner
      </A>
      <Show when={news.problem()}>
        {(why) => (
          <p class="hint bad" role="status">
            How they are doing cannot be asked now. {why()}
          </p>
        )}
      </Show>
      <div class="runner-cards">
        <For each={rows()} fallback={<p class="text-meta">No runner has connected yet.</p>}>
          {(runner) => (
            <RunnerCard
              runner={runner}
              online={online(runner.runnerId)}
              state={news.latest()?.runners.find((one) => one.runnerId === runner.runnerId)}
              sessions={sessionsOn(runner.runnerId, sessions().values(), workspaces())}
              serves={serves(runner)}
            />
          )}
        </For>
      </div>
      <Show when={news.latest()}>
        {(told) => (
          <p class="mt-2 text-12 text-meta">
            Server: {stores[told().server.store.kind]} answered in {told().server.store.answeredMs} ms,{' '}
            {told().server.lagMs} ms behind.
          </p>
        )}
      </Show>
      <h2 class="mt-6 text-16 font-semibold">Who serves what</h2>
      <p class="text-supports">
        When the runner that has a session is gone, another one of its workspace goes on from the last checkpoint on the
        server.
      </p>
      <EachWorkspace>
        {(workspace) => <StandIns workspace={workspace()} admin={admin(workspace().workspaceId)} />}
      </EachWorkspace>
    </>
  )
}
