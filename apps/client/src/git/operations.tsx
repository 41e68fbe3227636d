import type { GitOperation, OperationRow, SessionRow } from '@coppice/events'
import { For, Match, Show, Switch, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { Icon } from '../parts/icon.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { Link } from './pull-request.tsx'
import { sendMessage, sendToSession } from '../sync/commands.ts'
import { useOfSession } from '../sync/of-session.ts'
import { useReplica } from '../sync/replica-context.tsx'

const operationWords: Record<GitOperation['kind'], string> = {
  stage: 'Stage',
  unstage: 'Unstage',
  discard: 'Discard',
  commit: 'Commit',
  lines: 'Stage, unstage or discard lines',
  merge: 'Merge',
  push: 'Push',
  pullRequest: 'Pull request',
  pullRemote: 'Pull from remote',
  pullBranch: 'Pull a branch',
  pullStarter: 'Pull from the starter branch',
  pullIde: 'Pull from IDE',
  applyUpload: 'Apply an upload',
  writeFile: 'Save',
  makeFolder: 'Make a folder',
  rename: 'Rename',
  delete: 'Delete',
}

/** The newest operations, each with git's own words. */
export function Operations(props: { rows: readonly OperationRow[]; session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const shown = () =>
    [...props.rows]
      .filter((row) => row.state !== 'offered')
      .reverse()
      .slice(0, 8)
  return (
    <Show when={shown().length > 0}>
      <section class="section" aria-label="Git operations">
        <h3>Lately</h3>
        <ol class="column !gap-1.5 text-12">
          <For each={shown()}>
            {(row) => (
              <li>
                <div class="row !gap-1.5">
                  <Switch fallback={<Icon name="close" size="small" />}>
                    <Match when={row.state === 'completed'}>
                      <Icon name="check" size="small" />
                    </Match>
                    <Match when={row.state === 'failed'}>
                      <StatusGlyph kind="failed" />
                    </Match>
                    <Match when={row.state === 'running'}>
                      <StatusGlyph kind="working" />
                    </Match>
                    <Match when={row.state === 'requested'}>
                      <StatusGlyph kind="pending" label="Waits" />
                    </Match>
                  </Switch>
                  <span class="grow cut" title={row.message}>
                    {row.state === 'completed' && row.message !== '' ? row.message : operationWords[row.operation.kind]}
                    <Show when={row.state === 'requested' && props.session.status === 'in_progress'}>
                      <span class="text-meta"> waits for the turn's end</span>
                    </Show>
                  </span>
                  <Show when={row.state === 'requested'}>
                    <button
                      type="button"
                      class="link"
                      onClick={() =>
                        void sendToSession(replica, props.session, 'git.cancel', { operationId: row.operationId })
                      }
                    >
                      Cancel
                    </button>
                  </Show>
                  <Show when={row.url}>{(url) => <Link href={url()}>Open</Link>}</Show>
                  <span class="text-meta">
                    <Ago at={row.at} />
                  </span>
                </div>
                <Show when={row.state === 'failed'}>
                  <p class="pl-5 text-supports whitespace-pre-wrap wrap-anywhere">{row.message}</p>
                  <For each={row.files}>{(path) => <code class="block pl-5 text-meta">{path}</code>}</For>
                  <Show when={mergeWords(row, props.session)}>
                    {(words) => (
                      <button
                        type="button"
                        class="link pl-5"
                        onClick={() => void sendMessage(replica, props.session, words())}
                      >
                        Hand it to the agent
                      </button>
                    )}
                  </Show>
                </Show>
              </li>
            )}
          </For>
        </ol>
      </section>
    </Show>
  )
}

/** What the agent is asked when a pull conflicts; undefined for what is no such thing. */
function mergeWords({ operation, files }: OperationRow, session: SessionRow): string | undefined {
  if (files.length === 0) return undefined
  const from =
    operation.kind === 'pullStarter'
      ? session.baseBranch
      : operation.kind === 'pullBranch'
        ? `origin/${operation.branch}`
        : undefined
  return from && `Merge ${from} into this branch and resolve the conflicts. They are in:\n${files.join('\n')}`
}

/** Git operations of a session, oldest first. */
export const useOperations = (sessionId: () => string): (() => readonly OperationRow[]) =>
  useOfSession('operations', sessionId)
