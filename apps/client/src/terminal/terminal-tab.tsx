import { newId, type SessionRow } from '@coppice/events'
import { A, useNavigate } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { sendToSession } from '../sync/commands.ts'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { runs, useProcesses } from '../tasks/use-processes.ts'

/** The terminals that are open in a session's worktree, and a way to open another. */
export default function TerminalTab(props: { session: SessionRow }): JSX.Element {
  const signals = useReplica()
  const navigate = useNavigate()
  const users = signals.table('users')
  const workspace = useRow('workspaces', () => props.session.workspaceId)
  const member = useRow('members', () => `${props.session.workspaceId}/${signals.replica.userId}`)
  const processes = useProcesses(() => props.session.sessionId)
  const open = () => processes().filter((row) => row.what === 'terminal' && runs(row))
  const failed = () => {
    const newest = processes().find((row) => row.what === 'terminal')
    return newest?.status === 'failed' ? newest.message : undefined
  }
  const cannot = () => {
    if (workspace()?.terminals === false) return 'Terminals are switched off in this workspace.'
    if (member()?.role === 'viewer') return 'You may look on, and not open terminals.'
    return props.session.worktree === 'ready' ? undefined : 'The session has no worktree right now.'
  }
  const begin = async () => {
    const runId = newId()
    if (await sendToSession(signals.replica, props.session, 'terminal.open', { runId }))
      navigate(`/session/${props.session.sessionId}/terminal/${runId}`)
  }
  return (
    <section class="section" aria-label="Terminals">
      <ul class="column !gap-0.5">
        <For each={open()} fallback={<li class="text-12 text-meta">No terminal is open in this session.</li>}>
          {(run) => (
            <li>
              <A class="file-row" href={`/session/${props.session.sessionId}/terminal/${run.runId}`}>
                <Icon name="terminal" size="small" />
                <span class="grow cut">
                  {run.status === 'pending' ? 'Opening' : (run.command ?? 'Terminal')} ·{' '}
                  {users().get(run.by)?.name ?? run.by}
                </span>
                <span class="text-12 text-meta flex-none">
                  <Ago at={run.at} />
                </span>
              </A>
            </li>
          )}
        </For>
      </ul>
      <Button
        class="mt-2"
        small
        icon="plus"
        disabled={cannot() !== undefined}
        title={cannot()}
        onClick={() => void begin()}
      >
        New terminal
      </Button>
      <p class="hint">
        {cannot() ??
          'A shell in the worktree, as the user that the runner works as. All members see and may type into it.'}
      </p>
      <Show when={failed()}>
        <p class="hint bad" role="alert">
          {failed()}
        </p>
      </Show>
    </section>
  )
}
