import type { SessionRow } from '@coppice/events'
import { useNavigate, useParams } from '@solidjs/router'
import { createEffect, createMemo, createSignal, For, Show, type JSX } from 'solid-js'
import { Head } from '../frame/head.tsx'
import { money, plural } from '../format/numbers.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { agentNames } from './agent-names.ts'
import { CompareCard } from './compare-card.tsx'
import { CompareFiles } from './compare-files.tsx'
import { KeepDialog } from './keep-dialog.tsx'

const isOpen = ({ status, ending }: SessionRow): boolean =>
  status !== 'done' && status !== 'canceled' && ending === 'none'

/** The sessions of a group side by side, to keep the best one (BE-5). */
export default function ComparePage(): JSX.Element {
  const params = useParams()
  const navigate = useNavigate()
  const rows = useReplica().table('sessions')
  const group = useRow('groups', () => params['groupId'] ?? '')
  const ids = createMemo(() => group()?.sessionIds ?? [])
  const sessions = createMemo(() => ids().flatMap((id) => rows().get(id) ?? []))
  const names = createMemo(() => agentNames(sessions()))
  const total = () => sessions().reduce((sum, session) => sum + session.usd, 0)
  const [keeping, setKeeping] = createSignal<string>()
  createEffect(() => {
    const name = group()?.name
    document.title = name === undefined ? 'Coppice' : `${name} · Coppice`
  })
  return (
    <main class="main">
      <Head>
        <IconButton icon="back" label="Back to the sessions" large class="phone-only" onClick={() => navigate('/')} />
        <h1 class="cut">{group()?.name ?? 'Compare'}</h1>
        <span class="cut text-meta wide-only">
          {plural(sessions().length, 'agent')}, {money(total())}
        </span>
        <span class="grow" />
      </Head>
      <Show when={group()} fallback={<NoGroup />}>
        {(row) => (
          <div class="page compare">
            <div class="compare-columns" style={{ '--columns': String(sessions().length) }}>
              <For each={ids()}>
                {(id) => (
                  <Show when={rows().get(id)}>
                    {(session) => (
                      <CompareCard
                        group={row()}
                        session={session()}
                        name={names().get(id) ?? ''}
                        onKeep={() => setKeeping(id)}
                      />
                    )}
                  </Show>
                )}
              </For>
            </div>
            <CompareFiles sessions={sessions()} />
            <Show when={rows().get(keeping() ?? '')}>
              {(session) => (
                <KeepDialog
                  group={row()}
                  session={session()}
                  name={names().get(session().sessionId) ?? ''}
                  others={sessions().filter((one) => one.sessionId !== keeping() && isOpen(one))}
                  onClose={() => setKeeping(undefined)}
                />
              )}
            </Show>
          </div>
        )}
      </Show>
    </main>
  )
}

function NoGroup(): JSX.Element {
  const { connection } = useReplica()
  const navigate = useNavigate()
  return (
    <div class="conversation-empty">
      <div class="empty">
        <Icon name="fork" size="large" />
        <span class="title">These sessions are not here</span>
        <span>
          {connection().complete
            ? 'They do not exist, or you are not a member of their workspace.'
            : 'They may come once the server can be reached.'}
        </span>
        <Button small onClick={() => navigate('/')}>
          All sessions
        </Button>
      </div>
    </div>
  )
}
