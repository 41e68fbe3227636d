import { newId, workspaceLog, type GitOperation, type SessionRow } from '@coppice/events'
import { A } from '@solidjs/router'
import { createResource, createSignal, For, Match, Show, Switch, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { AsOf } from '../parts/as-of.tsx'
import { Button, IconButton } from '../parts/button.tsx'
import { Confirm, type Question } from '../parts/confirm.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { LinesChanged } from '../parts/lines-changed.tsx'
import { Menu } from '../parts/menu.tsx'
import { sendMessage, sendToSession } from '../sync/commands.ts'
import { askOrKept } from '../sync/kept-answers.ts'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { CommitForm } from './commit-form.tsx'
import { History, useHistory } from './history.tsx'
import { PullRequest } from './pull-request.tsx'
import { Operations, useOperations } from './operations.tsx'
import { useWorktreeNews } from '../files/worktree-news.ts'
import { groupStatus, letterWord, type Status, type StatusFile } from './working-tree.ts'

type Side = 'staged' | 'index'

/** Status by group, staging, discarding with a question, commit, merge to the starter branch, and what became of each. */
export default function GitTab(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const [question, setQuestion] = createSignal<Question>()
  const workspace = useRow('workspaces', () => props.session.workspaceId)
  const operations = useOperations(() => props.session.sessionId)
  const [status, { refetch }] = createResource(
    () => [props.session.sessionId, props.session.worktree] as const,
    ([sessionId]) => askOrKept(replica, workspaceLog(props.session.workspaceId), { kind: 'git.status', sessionId }),
  )
  useWorktreeNews(props, operations, () => void refetch())
  const request = (operation: GitOperation) =>
    sendToSession(replica, props.session, 'git.request', { operationId: newId(), operation })
  const answer = () => (status.state === 'errored' ? undefined : status.latest)
  const ok = () => {
    const one = answer()
    return one?.ok === true ? one : undefined
  }
  const groups = () => groupStatus(ok()?.files ?? [])
  const busy = () => props.session.status === 'in_progress'
  const ask = (paths: readonly string[], all: boolean) => {
    setQuestion({
      title: `Discard ${all ? 'all changes' : plural(paths.length, 'file')}?`,
      text: `${busy() ? 'It waits for the turn to end. ' : ''}A checkpoint is taken first and keeps what goes.`,
      items: paths,
      verb: `Discard ${plural(paths.length, 'file')}`,
      danger: true,
      act: () => void request({ kind: 'discard', paths: all ? [] : [...paths] }),
    })
  }
  const history = useHistory(
    () => props.session,
    () => ok()?.head,
  )
  return (
    <>
      <Switch fallback={<Loading />}>
        <Match when={answer()?.ok === false && answer()}>
          {(failed) => (
            <NoStatus
              message={failed().ok === false ? (failed() as { message: string }).message : ''}
              onRetry={() => void refetch()}
            />
          )}
        </Match>
        <Match when={ok()}>
          {(now) => (
            <>
              <AsOf at={now().asOf} />
              <section class="section">
                <Branches
                  status={now()}
                  starter={workspace()?.starterBranch ?? props.session.baseBranch}
                  session={props.session}
                  onRefresh={() => void refetch()}
                  busy={status.loading}
                />
                <div class="mt-2 flex flex-wrap gap-1">
                  <A class="button small" href={`/session/${props.session.sessionId}/changes`}>
                    <Icon name="file" size="small" />
                    Review the diff
                  </A>
                  <Menu
                    label="Merge to the starter branch"
                    class="button small"
                    trigger={
                      <>
                        <Icon name="merge" size="small" />
                        Merge
                        <Icon name="chevron-down" size="small" />
                      </>
                    }
                    head={`Into ${workspace()?.starterBranch ?? props.session.baseBranch}; nothing is pushed`}
                    items={mergeItems(now(), busy(), (strategy) => void request({ kind: 'merge', strategy }))}
                  />
                  <Menu
                    label="Pull into this session"
                    class="button small"
                    trigger={
                      <>
                        <Icon name="pull" size="small" />
                        Pull
                        <Icon name="chevron-down" size="small" />
                      </>
                    }
                    head="A conflict changes nothing: it is told with its files"
                    items={pullItems(now(), busy(), (kind) => void request({ kind }))}
                  />
                  <Button
                    small
                    icon="upload"
                    disabled={now().aheadOfBase === 0}
                    title={
                      now().aheadOfBase === 0 ? 'There is no commit to push yet.' : `Push ${now().branch} to origin`
                    }
                    onClick={() => void request({ kind: 'push' })}
                  >
                    Push
                  </Button>
                </div>
              </section>
              <Group title="Conflicts" files={groups().conflicts} session={props.session} side="index" icon="warn" />
              <Group
                title="Staged"
                files={groups().staged}
                session={props.session}
                side="staged"
                icon="check"
                all={{ label: 'Unstage all', act: () => void request({ kind: 'unstage', paths: [] }) }}
                one={{
                  icon: 'close',
                  label: 'Unstage',
                  act: (path) => void request({ kind: 'unstage', paths: [path] }),
                }}
              />
              <Group
                title="Changed"
                files={groups().changed}
                session={props.session}
                side="index"
                icon="pencil"
                all={{ label: 'Stage all', act: () => void request({ kind: 'stage', paths: [] }) }}
                discardAll={() => ask([...new Set(now().files.map((file) => file.path))], true)}
                one={{ icon: 'plus', label: 'Stage', act: (path) => void request({ kind: 'stage', paths: [path] }) }}
                discard={(path) => ask([path], false)}
              />
              <Group
                title="Untracked"
                files={groups().untracked}
                session={props.session}
                side="index"
                icon="file-plus"
                all={{
                  label: 'Stage all',
                  act: () => void request({ kind: 'stage', paths: groups().untracked.map((file) => file.path) }),
                }}
                one={{ icon: 'plus', label: 'Stage', act: (path) => void request({ kind: 'stage', paths: [path] }) }}
                discard={(path) => ask([path], false)}
              />
              <Show when={now().files.length === 0}>
                <p class="section text-12 text-meta">The worktree is clean: everything is committed.</p>
              </Show>
              <CommitForm
                session={props.session}
                staged={groups().staged.length}
                changed={now().files.length}
                last={now().aheadOfBase > 0 ? history()[0] : undefined}
                pushed={now().upstream?.endsWith(now().branch) === true && now().ahead === 0}
              />
              <PullRequest session={props.session} commits={history()} operations={operations()} />
              <History session={props.session} commits={history()} />
            </>
          )}
        </Match>
      </Switch>
      <Operations rows={operations()} session={props.session} />
      <Confirm question={question()} onClose={() => setQuestion(undefined)} />
    </>
  )
}

function mergeItems(status: Status, busy: boolean, merge: (strategy: 'merge' | 'squash' | 'fast-forward') => void) {
  const nothing = status.aheadOfBase === 0 ? { disabled: true, why: 'There is no commit to merge yet.' } : {}
  const waits = busy ? ', after this turn' : ''
  return [
    { label: `Merge commit${waits}`, ...nothing, act: () => merge('merge') },
    { label: `Squash into one${waits}`, ...nothing, act: () => merge('squash') },
    {
      label: `Fast-forward${waits}`,
      ...(status.behindBase > 0 ? { disabled: true, why: 'The starter branch has moved on.' } : nothing),
      act: () => merge('fast-forward'),
    },
  ]
}

function pullItems(status: Status, busy: boolean, pull: (kind: 'pullRemote' | 'pullStarter') => void) {
  const waits = busy ? ', after this turn' : ''
  return [
    {
      label: `Pull from Remote${waits}`,
      ...(status.upstream === undefined ? { disabled: true, why: 'This branch was not pushed yet.' } : {}),
      act: () => pull('pullRemote'),
    },
    { label: `Pull from Starter Branch${waits}`, act: () => pull('pullStarter') },
  ]
}

const backWords = (branch: string): string =>
  `The worktree is not on its branch ${branch} any more. Finish or abort a rebase or merge that is under way, bring what was committed elsewhere to ${branch}, and check that out. Lose nothing.`

function Branches(props: {
  status: Status
  session: SessionRow
  starter: string
  busy: boolean
  onRefresh: () => void
}): JSX.Element {
  const { replica } = useReplica()
  const astray = () => props.status.branch !== props.session.branch
  return (
    <>
      <div class="row">
        <Icon name="branch" size="small" />
        <code class="cut grow" title={props.status.branch}>
          {props.status.branch || `no branch, at ${props.status.head.slice(0, 7)}`}
        </code>
        <IconButton icon="refresh" label="Look again" disabled={props.busy} onClick={() => props.onRefresh()} />
      </div>
      <Show when={astray()}>
        <p class="text-12 py-1" role="status">
          <Icon name="warn" size="small" /> The agent left the worktree here, and not on{' '}
          <code>{props.session.branch}</code>. Commits, pulls and pushes wait until it is back.{' '}
          <button
            type="button"
            class="link"
            onClick={() => void sendMessage(replica, props.session, backWords(props.session.branch))}
          >
            Ask the agent to bring it back
          </button>
        </p>
      </Show>
      <p class="text-12 text-meta">
        {plural(props.status.aheadOfBase, 'commit')} ahead of <code>{props.starter}</code>
        <Show when={props.status.behindBase > 0}>, {props.status.behindBase} behind</Show>
        <Show when={props.status.upstream}>
          {' '}
          · <code>{props.status.upstream}</code> +{props.status.ahead ?? 0} −{props.status.behind ?? 0}
        </Show>
      </p>
    </>
  )
}

function Group(props: {
  title: string
  files: readonly StatusFile[]
  session: SessionRow
  side: Side
  icon: IconName
  all?: { label: string; act: () => void }
  discardAll?: () => void
  one?: { icon: IconName; label: string; act: (path: string) => void }
  discard?: (path: string) => void
}): JSX.Element {
  return (
    <Show when={props.files.length > 0}>
      <section class="section !px-2" aria-label={props.title}>
        <div class="section-head px-2 !mb-1">
          <h3 class="grow">
            {props.title} <span class="text-meta">{props.files.length}</span>
          </h3>
          <Show when={props.discardAll}>
            {(discardAll) => (
              <Button small look="quiet" danger onClick={() => discardAll()()}>
                Discard all …
              </Button>
            )}
          </Show>
          <Show when={props.all}>
            {(all) => (
              <Button small look="quiet" onClick={() => all().act()}>
                {all().label}
              </Button>
            )}
          </Show>
        </div>
        <For each={props.files}>
          {(file) => (
            <div class="file-row">
              <Icon name={props.icon} size="small" />
              <A
                class="name mono"
                href={`/session/${props.session.sessionId}/changes?against=${props.side}&file=${encodeURIComponent(file.path)}`}
                title={`${file.path}, ${letterWord(props.side === 'staged' ? file.index : file.worktree)}`}
              >
                <bdi>{file.path}</bdi>
              </A>
              <span class="row-actions">
                <Show when={props.discard}>
                  {(discard) => (
                    <IconButton
                      icon="trash"
                      danger
                      label={`Discard ${file.path} …`}
                      onClick={() => discard()(file.path)}
                    />
                  )}
                </Show>
                <Show when={props.one}>
                  {(one) => (
                    <IconButton
                      icon={one().icon}
                      label={`${one().label} ${file.path}`}
                      onClick={() => one().act(file.path)}
                    />
                  )}
                </Show>
              </span>
              <Show when={file.additions !== undefined || file.deletions !== undefined}>
                <LinesChanged additions={file.additions ?? 0} deletions={file.deletions ?? 0} />
              </Show>
            </div>
          )}
        </For>
      </section>
    </Show>
  )
}

function Loading(): JSX.Element {
  return (
    <div class="section column" aria-label="Asking the runner">
      <span class="skeleton w-3/5" />
      <span class="skeleton w-4/5" />
      <span class="skeleton w-2/5" />
    </div>
  )
}

function NoStatus(props: { message: string; onRetry: () => void }): JSX.Element {
  return (
    <div class="empty" role="status">
      <Icon name="branch" size="large" />
      <span class="title">No status now</span>
      <span>{props.message}</span>
      <Button small onClick={() => props.onRetry()}>
        Look again
      </Button>
    </div>
  )
}
