import { newId, type ProcessRow, type SessionRow, type WorkspaceTask } from '@coppice/events'
import { A } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { duration } from '../format/time.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { StatusGlyph, type GlyphKind } from '../parts/status-glyph.tsx'
import { sendToSession } from '../sync/commands.ts'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { RunOutput } from './run-output.tsx'
import { runs, useProcesses } from './use-processes.ts'

const MOST_RUNS = 20

export const kindIcons: Record<WorkspaceTask['kind'], IconName> = { build: 'bolt', test: 'flask', start: 'globe' }
const glyphs: Record<ProcessRow['status'], GlyphKind> = {
  pending: 'pending',
  running: 'working',
  completed: 'done',
  failed: 'failed',
  canceled: 'canceled',
}
const words: Record<ProcessRow['status'], string> = {
  pending: 'Pending',
  running: 'Running',
  completed: 'Completed',
  failed: 'Failed',
  canceled: 'Canceled',
}

/** The workspace's tasks, to start and to stop here, and what their runs print. */
export default function TasksTab(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const workspace = useRow('workspaces', () => props.session.workspaceId)
  const processes = useProcesses(() => props.session.sessionId)
  const [opened, setOpened] = createSignal<string>()
  const all = () => processes().filter((row) => row.what === 'task')
  const shown = () => all().find((row) => row.runId === opened()) ?? all()[0]
  const running = (task: WorkspaceTask) => all().find((row) => row.taskId === task.taskId && runs(row))
  const ready = () => props.session.worktree === 'ready'
  const start = async (task: WorkspaceTask) => {
    const runId = newId()
    const { taskId, name, kind } = task
    if (await sendToSession(replica, props.session, 'task.start', { runId, taskId, name, kind })) setOpened(runId)
  }
  const stop = (run: ProcessRow) => void sendToSession(replica, props.session, 'process.stop', { runId: run.runId })
  return (
    <>
      <section class="section" aria-label="Tasks of the workspace">
        <div class="section-head">
          <h3 class="grow">Tasks</h3>
          <A class="link text-12" href="/settings/workspaces">
            Settings
          </A>
        </div>
        <ul class="column !gap-0.5">
          <For
            each={workspace()?.tasks ?? []}
            fallback={
              <li class="text-12 text-meta">
                None yet. An admin of the workspace adds what its sessions can run (build, test, start) in the settings.
              </li>
            }
          >
            {(task) => (
              <li class="row task-row">
                <Icon name={kindIcons[task.kind]} size="small" />
                <span class="grow cut" title={task.script}>
                  {task.name}
                </span>
                <Show
                  when={running(task)}
                  fallback={
                    <Button
                      small
                      disabled={!ready()}
                      title={ready() ? task.script : 'The session has no worktree right now'}
                      aria-label={`Start ${task.name}`}
                      onClick={() => void start(task)}
                    >
                      Start
                    </Button>
                  }
                >
                  {(run) => (
                    <Button
                      small
                      icon="square"
                      disabled={run().stopping}
                      aria-label={`Stop ${task.name}`}
                      onClick={() => stop(run())}
                    >
                      {run().stopping ? 'Stopping' : 'Stop'}
                    </Button>
                  )}
                </Show>
              </li>
            )}
          </For>
        </ul>
      </section>
      <Show when={all().length > 0}>
        <section class="section" aria-label="Runs">
          <h3>Runs</h3>
          <ul class="column !gap-0.5">
            <For each={all().slice(0, MOST_RUNS)}>
              {(run) => (
                <li>
                  <button
                    type="button"
                    class="file-row"
                    aria-current={shown()?.runId === run.runId ? 'true' : undefined}
                    onClick={() => setOpened(run.runId)}
                  >
                    <StatusGlyph kind={glyphs[run.status]} label="" />
                    <span class="grow cut text-left">{run.name}</span>
                    <span class="text-12 text-meta flex-none">
                      {run.stopping ? 'Stopping' : words[run.status]}
                      <Show when={run.exitCode}> {run.exitCode}</Show>
                      <Show when={run.durationMs}>{(ms) => <> · {duration(ms())}</>}</Show>
                      {' · '}
                      <Ago at={run.at} />
                    </span>
                  </button>
                </li>
              )}
            </For>
          </ul>
        </section>
      </Show>
      <Show when={shown()?.runId} keyed>
        {(_runId) => <Run run={shown()} session={props.session} onStop={stop} />}
      </Show>
    </>
  )
}

function Run(props: {
  run: ProcessRow | undefined
  session: SessionRow
  onStop: (run: ProcessRow) => void
}): JSX.Element {
  return (
    <Show when={props.run}>
      {(run) => (
        <section class="section" aria-label={`Run of ${run().name}`}>
          <div class="section-head">
            <StatusGlyph kind={glyphs[run().status]} label={words[run().status]} />
            <h3 class="grow cut">{run().name}</h3>
            <Show when={runs(run()) && !run().stopping}>
              <IconButton icon="square" label={`Stop the run of ${run().name}`} onClick={() => props.onStop(run())} />
            </Show>
          </div>
          <Show when={run().message}>
            <p class="text-12 text-supports wrap-anywhere">{run().message}</p>
          </Show>
          <Show when={run().ports}>
            {(ports) => (
              <p class="text-12 text-meta">
                Ports {ports().first} to {ports().first + ports().count - 1}
              </p>
            )}
          </Show>
          <Show
            when={run().stream}
            fallback={
              <p class="text-12 text-meta">
                {run().status === 'pending' ? 'Waits for the runner.' : 'It printed nothing: it was never begun.'}
              </p>
            }
          >
            <RunOutput run={run()} workspaceId={props.session.workspaceId} />
          </Show>
        </section>
      )}
    </Show>
  )
}
