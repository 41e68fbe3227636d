import type { SessionRow } from '@coppice/events'
import { For, Show, type JSX } from 'solid-js'
import { ContextBar } from '../context/context-bar.tsx'
import { Ago } from '../format/clock.tsx'
import { count, tokens } from '../format/numbers.ts'
import { IdeBlock } from '../ide/ide-block.tsx'
import { Button } from '../parts/button.tsx'
import { providerName } from '../parts/provider-mark.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { ChangedFiles } from './changed-files.tsx'
import { runnerOf } from '../runners/held-sessions.ts'
import { SessionPermissions } from '../permissions/session-permissions.tsx'
import { stepWords } from '../permissions/permission-words.ts'
import { SessionToggles } from '../toggles/session-toggles.tsx'
import { sessionActions } from './session-actions.ts'
import { usePinned } from './use-pinned.ts'

/** Context, details, what it changed, what can be done with it. */
export function SessionInfo(props: { session: SessionRow }): JSX.Element {
  const signals = useReplica()
  const users = signals.table('users')
  const workspaces = signals.table('workspaces')
  const runners = signals.table('runners')
  const bots = signals.table('bots')
  const session = () => props.session
  const pinned = usePinned(() => session().sessionId)
  const runner = () => runners().get(runnerOf(session(), workspaces().get(session().workspaceId)))
  const cached = () => {
    const all = session().inputTokens + session().cacheReadTokens
    return all === 0 ? 0 : Math.round((session().cacheReadTokens / all) * 100)
  }
  return (
    <>
      <Show when={session().mode === 'develop' && session().contextLimit > 0}>
        <ContextBar session={session()} />
      </Show>
      <details class="section" open>
        <summary>More details</summary>
        <dl class="facts">
          <dt>Workspace</dt>
          <dd>{workspaces().get(session().workspaceId)?.name ?? session().workspaceId}</dd>
          <dt>Mode</dt>
          <dd>
            {modeWords(session(), bots().get(session().botId ?? '')?.name)}, {stepWords(session())}
          </dd>
          <dt>Provider</dt>
          <dd>
            {providerName(session().provider)}
            <Show when={session().model !== ''}>
              <span class="text-meta"> {session().model}</span>
            </Show>
          </dd>
          <dt>Started</dt>
          <dd>
            by {users().get(session().createdBy)?.name ?? session().createdBy},{' '}
            <Ago at={session().createdAt} suffix="ago" />
          </dd>
          <Show when={session().branch !== ''}>
            <dt>Branch</dt>
            <dd title={session().branch}>
              <code>{session().branch}</code>
            </dd>
          </Show>
          <dt>Base</dt>
          <dd>
            <code>{session().baseBranch}</code>
            <Show when={session().baseCommit !== ''}>
              <span class="text-meta"> at {session().baseCommit.slice(0, 7)}</span>
            </Show>
          </dd>
          <dt>Runner</dt>
          <dd>
            {runner()?.name ?? '–'} <span class="text-meta">{runner()?.host}</span>
          </dd>
          <Show when={session().worktreePath !== ''}>
            <dt>Worktree</dt>
            <dd title={session().worktreePath}>
              <code>{session().worktreePath}</code>
            </dd>
          </Show>
          <dt>Sandbox</dt>
          <dd>
            {workspaces().get(session().workspaceId)?.sandbox?.on === true
              ? runner()?.sandbox === true
                ? 'on: writes only in its worktree'
                : 'wanted, and not there on this runner'
              : 'off: the agent may do what the runner’s user may'}
          </dd>
          <dt>Tokens</dt>
          <dd>
            {tokens(session().inputTokens)} in, {tokens(session().outputTokens)} out{' '}
            <Show when={cached() > 0}>
              <span class="text-meta">{cached()} % cached</span>
            </Show>
          </dd>
          <dt>Messages</dt>
          <dd>{count(session().messageCount)}</dd>
        </dl>
      </details>
      <SessionToggles session={session()} />
      <SessionPermissions session={session()} />
      <ChangedFiles session={session()} />
      <section class="section">
        <h3>Actions</h3>
        <div class="action-grid">
          <For each={sessionActions(signals.replica, session(), pinned())}>
            {(action) =>
              action === null ? null : (
                <Button
                  look="quiet"
                  icon={action.icon}
                  danger={action.danger}
                  disabled={action.disabled}
                  title={action.why}
                  onClick={() => action.act()}
                >
                  {action.label}
                </Button>
              )
            }
          </For>
        </div>
        <IdeBlock session={session()} />
      </section>
    </>
  )
}

const modeWords = ({ mode }: SessionRow, bot: string | undefined): string =>
  mode === 'bot' ? `Bot ${bot ?? ''}`.trim() : mode === 'develop' ? 'Develop' : 'Chat'
