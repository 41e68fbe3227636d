import type { WorkspaceRow } from '@coppice/events'
import { A, useNavigate } from '@solidjs/router'
import { createMemo, For, Match, onMount, Show, Switch, type JSX } from 'solid-js'
import { setNewSessionIn } from '../frame/frame-state.ts'
import { Head } from '../frame/head.tsx'
import { plural } from '../format/numbers.ts'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { AddRepository } from './add-repository.tsx'
import { ProviderList } from './provider-cards.tsx'
import { providersOf } from './providers.ts'

/** First run: add a repository. Later: the workspaces, and what each can start. */
export default function HomePage(props: { adding?: boolean }): JSX.Element {
  const signals = useReplica()
  const workspaces = signals.table('workspaces')
  const users = signals.table('users')
  const navigate = useNavigate()
  const me = () => users().get(signals.replica.userId)
  /** Until the replica has been whole once, an empty list says nothing. */
  const unknown = () => workspaces().size === 0 && !signals.connection().complete
  const first = () => workspaces().size === 0 || props.adding === true
  onMount(() => (document.title = 'Coppice'))
  return (
    <main class="main">
      <Head>
        <h1>
          {unknown() ? 'Coppice' : workspaces().size === 0 ? 'Welcome' : props.adding ? 'Add a repository' : 'Coppice'}
        </h1>
        <Show when={me()}>
          {(user) => (
            <span class="cut text-meta">
              signed in as {user().role}, {user().name}
            </span>
          )}
        </Show>
        <span class="grow" />
      </Head>
      <div class="page">
        <div class="page-in narrow pt-8 lg:pt-16">
          <Show when={!unknown()} fallback={<Unknown />}>
            <Show when={first()} fallback={<Workspaces rows={[...workspaces().values()]} />}>
              <AddRepository
                heading
                onAdded={(workspaceId) => {
                  navigate('/')
                  setNewSessionIn(workspaceId)
                }}
              />
            </Show>
            <Agents />
          </Show>
        </div>
      </div>
    </main>
  )
}

/** Nothing is here yet: either it is on its way, or the server has to be reached first. */
function Unknown(): JSX.Element {
  const { connection } = useReplica()
  const away = () => connection().state === 'offline' || connection().state === 'signed_out'
  return (
    <Show
      when={away()}
      fallback={
        <div class="column" role="status" aria-label="Fetching your workspaces">
          <span class="skeleton w-2/5" />
          <span class="skeleton w-4/5" />
          <span class="skeleton w-3/5" />
        </div>
      }
    >
      <div class="empty" role="status">
        <Icon name="offline" size="large" />
        <span class="title">Nothing is on this device yet</span>
        <span>Your workspaces come once the server can be reached.</span>
      </div>
    </Show>
  )
}

function Workspaces(props: { rows: readonly WorkspaceRow[] }): JSX.Element {
  const signals = useReplica()
  const sessions = signals.table('sessions')
  const countOf = (workspaceId: string) =>
    [...sessions().values()].filter((session) => session.workspaceId === workspaceId).length
  return (
    <>
      <div class="row mb-2">
        <h2 class="grow text-16 font-semibold">Workspaces</h2>
        <A class="button small" href="/add">
          <Icon name="folder" size="small" />
          Add a repository
        </A>
      </div>
      <div class="list">
        <For each={props.rows}>
          {(row) => (
            <div class="list-row">
              <Icon name="folder" size="small" />
              <span class="row">
                <span class="cut font-medium">{row.name}</span>
                <span class="cut mono text-meta">{whereOf(row)}</span>
              </span>
              <Button small disabled={row.status === 'failed'} onClick={() => setNewSessionIn(row.workspaceId)}>
                New session
              </Button>
              <span class="below text-12 text-meta">
                <Switch>
                  <Match when={row.status === 'preparing'}>
                    <StatusGlyph kind="working" label="" /> The runner prepares its copy of the repository
                  </Match>
                  <Match when={row.status === 'failed'}>
                    <span class="text-failed">{row.failure}</span>
                  </Match>
                  <Match when={row.status === 'ready'}>
                    Starter branch <code>{row.starterBranch}</code>, {plural(row.branches.length, 'branch', 'branches')}
                    , {plural(countOf(row.workspaceId), 'session')}
                  </Match>
                </Switch>
              </span>
            </div>
          )}
        </For>
      </div>
    </>
  )
}

const whereOf = (row: WorkspaceRow): string =>
  row.source.kind === 'path' ? row.source.path : row.source.kind === 'url' ? row.source.url : 'sample'

/** The agents each runner found, and what the missing ones need. */
function Agents(): JSX.Element {
  const signals = useReplica()
  const runners = signals.table('runners')
  const rows = createMemo(() => [...runners().values()])
  return (
    <>
      <For each={rows()}>
        {(runner) => (
          <section aria-label={`Agents found on ${runner.name}`}>
            <div class="group-head mt-5">Agents found on {rows().length === 1 ? 'this machine' : runner.name}</div>
            <Show when={runner.providers.length > 0} fallback={<p class="hint">The runner is still looking.</p>}>
              <ProviderList providers={providersOf(runner)} />
            </Show>
          </section>
        )}
      </For>
      <Show when={rows().length === 0}>
        <p class="hint mt-5" role="status">
          No runner has connected yet. A runner owns the worktrees and starts the agents; <code>coppice up</code> starts
          one with the server.
        </p>
      </Show>
    </>
  )
}
