import { workspaceLog, type SessionRow } from '@coppice/events'
import type { QueryAnswer } from '@coppice/protocol'
import { A } from '@solidjs/router'
import { createResource, For, Show, type Accessor, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { plural } from '../format/numbers.ts'
import { IconButton } from '../parts/button.tsx'
import { LinesChanged } from '../parts/lines-changed.tsx'
import { toast } from '../parts/toasts.tsx'
import { askOrKept } from '../sync/kept-answers.ts'
import { useReplica } from '../sync/replica-context.tsx'

export type Commit = Extract<QueryAnswer<'git.log'>, { ok: true }>['commits'][number]

/** The commits of a session's branch since its branch point, newest first; asked again when the branch's head moved. */
export function useHistory(
  session: Accessor<SessionRow>,
  head: Accessor<string | undefined>,
): Accessor<readonly Commit[]> {
  const { replica } = useReplica()
  const [answer] = createResource(
    () => ({ sessionId: session().sessionId, log: workspaceLog(session().workspaceId), head: head() }),
    ({ log, sessionId }) => askOrKept(replica, log, { kind: 'git.log', sessionId }),
  )
  return () => {
    const latest = answer.state === 'errored' ? undefined : answer.latest
    return latest?.ok === true ? latest.commits : []
  }
}

/** What the session committed: each leads to its diff. */
export function History(props: { session: SessionRow; commits: readonly Commit[] }): JSX.Element {
  const copy = (id: string) =>
    void navigator.clipboard.writeText(id).then(
      () => toast('Hash copied'),
      () => toast('The browser did not let the hash be copied.', { bad: true }),
    )
  return (
    <Show when={props.commits.length > 0}>
      <section class="section !px-2" aria-label="History">
        <h3 class="px-2">
          History <span class="text-meta">{props.commits.length}</span>
        </h3>
        <ol>
          <For each={props.commits}>
            {(commit) => (
              <li class="commit-row">
                <A
                  class="grow min-w-0"
                  href={`/session/${props.session.sessionId}/changes?against=commit:${commit.id}`}
                  title={[commit.subject, commit.body].filter((part) => part).join('\n\n')}
                >
                  <span class="cut">{commit.subject}</span>
                  <span class="cut text-12 text-meta">
                    <code>{commit.id.slice(0, 7)}</code> {commit.author} · <Ago at={commit.at} /> ·{' '}
                    {plural(commit.files, 'file')}
                  </span>
                </A>
                <LinesChanged additions={commit.additions} deletions={commit.deletions} />
                <IconButton icon="copy" label={`Copy the hash of ${commit.subject}`} onClick={() => copy(commit.id)} />
              </li>
            )}
          </For>
        </ol>
      </section>
    </Show>
  )
}
