import type { HookRoundRow, HookRunOfRow, SessionRow } from '@coppice/events'
import { A } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { duration } from '../format/time.ts'
import { IconButton } from '../parts/button.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { sendToSession } from '../sync/commands.ts'
import { useOfSession } from '../sync/of-session.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { RunOutput } from '../tasks/run-output.tsx'
import { eventNames, runGlyphs, statusOf } from './hook-words.ts'

const MOST_ROUNDS = 30

const isOpen = ({ status }: HookRunOfRow): boolean => status === 'pending' || status === 'running'

/** Every run of the workspace's hooks in a session, newest first: status, output, exit code, duration (H-26 to H-29). */
export default function HookLogsTab(props: { session: SessionRow }): JSX.Element {
  const rows = useOfSession('hookRounds', () => props.session.sessionId)
  const checkpoints = useOfSession('checkpoints', () => props.session.sessionId)
  const [opened, setOpened] = createSignal<string>()
  const rounds = () => rows().toReversed()
  const newestTree = () => checkpoints().at(-1)?.tree
  const shown = () => {
    const all = rounds().flatMap((round) => round.runs.map((run) => ({ round, run })))
    const wanted = all.find(({ run }) => run.runId === opened())
    return wanted ?? all.find(({ run }) => run.status === 'running') ?? all[0]
  }
  return (
    <>
      <Show
        when={rounds().length > 0}
        fallback={
          <section class="section" aria-label="Hook Logs">
            <p class="text-12 text-meta">
              No hook has run in this session. An admin of the workspace sets up what runs at which moment in the{' '}
              <A class="link" href="/settings/hooks">
                settings
              </A>
              .
            </p>
          </section>
        }
      >
        <For each={rounds().slice(0, MOST_ROUNDS)}>
          {(round) => (
            <Round
              round={round}
              outdated={!round.open && newestTree() !== undefined && newestTree() !== round.tree}
              shown={shown()?.run.runId}
              onShow={setOpened}
            />
          )}
        </For>
        <Show when={rounds().length > MOST_ROUNDS}>
          <p class="hint">The newest {MOST_ROUNDS} rounds.</p>
        </Show>
      </Show>
      <Show when={shown()?.run.runId} keyed>
        {(_runId) => <Show when={shown()}>{(one) => <Run run={one().run} session={props.session} />}</Show>}
      </Show>
    </>
  )
}

function Round(props: {
  round: HookRoundRow
  outdated: boolean
  shown: string | undefined
  onShow: (runId: string) => void
}): JSX.Element {
  return (
    <section class="section" aria-label={`Hooks ${eventNames[props.round.event]}`}>
      <div class="section-head">
        <h3 class="grow">{eventNames[props.round.event]}</h3>
        <span class="text-12 text-meta">
          <Show when={props.outdated}>
            <span title={`They looked at tree ${props.round.tree.slice(0, 8)}; the files have changed since.`}>
              Outdated ·{' '}
            </span>
          </Show>
          <Ago at={props.round.at} />
        </span>
      </div>
      <ul class="column !gap-0.5">
        <For each={props.round.runs}>
          {(run) => (
            <li>
              <button
                type="button"
                class="file-row"
                aria-current={props.shown === run.runId ? 'true' : undefined}
                onClick={() => props.onShow(run.runId)}
              >
                <StatusGlyph kind={runGlyphs[run.status]} label="" />
                <span class="grow cut text-left">{run.name}</span>
                <span class="text-12 text-meta flex-none">
                  {statusOf(run)}
                  <Show when={run.status === 'running' && run.attempt > 1}>
                    {' '}
                    · attempt {run.attempt} of {run.attempts}
                  </Show>
                  <Show when={run.durationMs !== undefined}> · {duration(run.durationMs ?? 0)}</Show>
                </span>
              </button>
            </li>
          )}
        </For>
        <For each={props.round.skipped}>
          {(hook) => (
            <li class="px-2 py-1 text-12 text-meta wrap-anywhere">
              {hook.name} was left out. {hook.why}
            </li>
          )}
        </For>
      </ul>
    </section>
  )
}

function Run(props: { run: HookRunOfRow; session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const cancel = () => void sendToSession(replica, props.session, 'hook.cancel', { runId: props.run.runId })
  return (
    <section class="section" aria-label={`Run of ${props.run.name}`}>
      <div class="section-head">
        <StatusGlyph kind={runGlyphs[props.run.status]} label={statusOf(props.run)} />
        <h3 class="grow cut">{props.run.name}</h3>
        <Show when={isOpen(props.run) && !props.run.canceling}>
          <IconButton icon="square" label={`Cancel ${props.run.name}`} onClick={cancel} />
        </Show>
      </div>
      <Show when={props.run.message}>
        <p class="text-12 text-supports wrap-anywhere">{props.run.message}</p>
      </Show>
      <Show when={props.run.command}>
        <pre class="output hook-command" tabIndex={0} aria-label={`Command of ${props.run.name}`}>
          {props.run.command}
        </pre>
      </Show>
      <Show
        when={props.run.stream}
        fallback={
          <p class="text-12 text-meta">
            {isOpen(props.run) ? 'Waits for its turn.' : 'It printed nothing: it was never begun.'}
          </p>
        }
      >
        <RunOutput run={props.run} workspaceId={props.session.workspaceId} />
      </Show>
    </section>
  )
}
