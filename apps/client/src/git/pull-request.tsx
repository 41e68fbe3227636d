import { newId, workspaceLog, type OperationRow, type SessionRow } from '@coppice/events'
import type { ForgePullRequest } from '@coppice/protocol'
import { createResource, createSignal, For, Show, type JSX } from 'solid-js'
import { safeHref } from '../conversation/links.ts'
import { Ago } from '../format/clock.tsx'
import { plural } from '../format/numbers.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Field } from '../parts/field.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { toast } from '../parts/toasts.tsx'
import { sendMessage, sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import type { Commit } from './history.tsx'
import { checksMessage, commentsMessage, failing, proposedBody } from './pull-request-words.ts'

/** The pull request of a session's branch (G-14): made here, with its checks and what people said. */
export function PullRequest(props: {
  session: SessionRow
  commits: readonly Commit[]
  operations: readonly OperationRow[]
}): JSX.Element {
  const { replica } = useReplica()
  const [making, setMaking] = createSignal(false)
  const pushes = () =>
    props.operations.filter(
      ({ operation, state }) =>
        (operation.kind === 'pullRequest' || operation.kind === 'push') && state === 'completed',
    ).length
  const [answer, { refetch }] = createResource(
    () => ({ sessionId: props.session.sessionId, log: workspaceLog(props.session.workspaceId), pushes: pushes() }),
    ({ log, sessionId }) => replica.query(log, { kind: 'forge.read', sessionId }),
  )
  const latest = () => (answer.state === 'errored' ? undefined : answer.latest)
  const known = () => {
    const one = latest()
    return one?.ok === true ? one : undefined
  }
  const failure = () => {
    const one = latest()
    return one?.ok === false ? one.message : undefined
  }
  const compare = () => safeHref(known()?.compareUrl ?? '')
  return (
    <Show when={props.commits.length > 0 || known()?.request}>
      <section class="section column" aria-label="Pull request">
        <div class="section-head !mb-0">
          <h3 class="grow">Pull request</h3>
          <IconButton
            icon="refresh"
            label="Ask the forge again"
            disabled={answer.loading}
            onClick={() => void refetch()}
          />
        </div>
        <Show when={failure()}>{(message) => <p class="hint wrap-anywhere">{message()}</p>}</Show>
        <Show
          when={known()?.request}
          fallback={
            <>
              <Button small onClick={() => setMaking(true)} disabled={props.commits.length === 0}>
                <Icon name="pull" size="small" />
                Make a pull request …
              </Button>
              <Show when={known()?.forge === 'locked'}>
                <p class="hint">
                  No token for the forge is set: the branch is pushed, and you go on there. Set GITHUB_TOKEN or
                  GITLAB_TOKEN in the secrets to make it from here.
                </p>
              </Show>
              <Show when={known()?.forge === 'none'}>
                <p class="hint">It is not known where this origin makes pull requests: the branch is pushed.</p>
              </Show>
              <Show when={compare()}>
                {(href) => (
                  <a class="link text-12" href={href()} target="_blank" rel="noreferrer noopener">
                    Compare on the forge
                  </a>
                )}
              </Show>
            </>
          }
        >
          {(request) => <Card request={request()} session={props.session} />}
        </Show>
        <Make open={making()} close={() => setMaking(false)} session={props.session} commits={props.commits} />
      </section>
    </Show>
  )
}

const icons: Readonly<Record<ForgePullRequest['checks'][number]['state'], IconName>> = {
  waiting: 'hourglass',
  running: 'refresh',
  passed: 'check',
  failed: 'close',
  skipped: 'square',
}

function Card(props: { request: ForgePullRequest; session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const tell = (text: string) =>
    void sendMessage(replica, props.session, text).then((sent) => sent && toast('Sent to the agent'))
  const checks = () => props.request.checks
  return (
    <>
      <p class="wrap-anywhere">
        <Link href={props.request.url}>
          #{props.request.number} {props.request.title}
        </Link>{' '}
        <span class="badge">{props.request.draft ? 'draft' : props.request.state}</span>
      </p>
      <Show when={checks().length > 0}>
        <ul class="column !gap-1 text-12" aria-label="Checks">
          <For each={checks()}>
            {(check) => (
              <li class="row !gap-1.5" title={check.says}>
                <Icon name={icons[check.state]} size="small" />
                <span class="grow cut">
                  <Link href={check.url}>{check.name}</Link>
                </span>
                <span class="text-meta">{check.state}</span>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={failing(checks()).length > 0}>
        <Button small onClick={() => tell(checksMessage(props.request.number, checks()))}>
          Send {plural(failing(checks()).length, 'failed check')} to the agent
        </Button>
      </Show>
      <Show when={props.request.comments.length > 0}>
        <ul class="column !gap-2 text-12" aria-label="Comments of the pull request">
          <For each={props.request.comments}>
            {(comment) => (
              <li>
                <span class="text-meta">
                  {comment.author} · <Ago at={comment.at} />
                  <Show when={comment.path}>
                    {' '}
                    · <code>{`${comment.path}${comment.line === undefined ? '' : `:${comment.line}`}`}</code>
                  </Show>
                </span>
                <p class="whitespace-pre-wrap wrap-anywhere">{comment.text}</p>
              </li>
            )}
          </For>
        </ul>
        <Button small onClick={() => tell(commentsMessage(props.request.number, props.request.comments))}>
          Send {plural(props.request.comments.length, 'comment')} to the agent
        </Button>
      </Show>
    </>
  )
}

/** What a forge gives as an address is a link only where it may be one. */
export function Link(props: { href: string; children: JSX.Element }): JSX.Element {
  return (
    <Show when={safeHref(props.href)} fallback={props.children}>
      {(href) => (
        <a class="link" href={href()} target="_blank" rel="noreferrer noopener">
          {props.children}
        </a>
      )}
    </Show>
  )
}

function Make(props: {
  open: boolean
  close: () => void
  session: SessionRow
  commits: readonly Commit[]
}): JSX.Element {
  return (
    <Dialog open={props.open} onClose={props.close} title="Make a pull request">
      <MakeForm close={props.close} session={props.session} commits={props.commits} />
    </Dialog>
  )
}

function MakeForm(props: { close: () => void; session: SessionRow; commits: readonly Commit[] }): JSX.Element {
  const { replica } = useReplica()
  const only = props.commits.length === 1 ? props.commits[0] : undefined
  const [title, setTitle] = createSignal(only?.subject ?? props.session.name)
  const [body, setBody] = createSignal(proposedBody(undefined, props.commits))
  const [draft, setDraft] = createSignal(false)
  // The last summary takes the place of the list of commits, unless somebody was quicker.
  const propose = async () => {
    const summary = await lastSummary()
    if (summary !== undefined && body() === proposedBody(undefined, props.commits))
      setBody(proposedBody(summary, props.commits))
  }
  void propose()
  async function lastSummary(): Promise<string | undefined> {
    const conversation = replica.openConversation(props.session.sessionId)
    await conversation.ready
    const id = conversation.spine().findLast((item) => item.kind === 'summary')?.itemId
    if (id !== undefined) await conversation.load([id])
    const text = id === undefined ? undefined : conversation.body(id)?.text
    conversation.close()
    return text
  }
  const make = async () => {
    const operation = { kind: 'pullRequest' as const, title: title().trim(), body: body().trim(), draft: draft() }
    const taken = await sendToSession(replica, props.session, 'git.request', { operationId: newId(), operation })
    if (taken) props.close()
  }
  return (
    <form
      class="column"
      onSubmit={(event) => {
        event.preventDefault()
        if (title().trim() !== '') void make()
      }}
    >
      <Field label="Title">
        {({ id }) => (
          <input
            id={id}
            class="input w-full"
            maxLength={250}
            value={title()}
            onInput={(event) => setTitle(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label="What it does" hint="The branch is pushed first.">
        {({ id }) => (
          <textarea
            id={id}
            class="input w-full"
            rows={8}
            maxLength={20_000}
            value={body()}
            onInput={(event) => setBody(event.currentTarget.value)}
          />
        )}
      </Field>
      <label class="row !gap-1.5 text-12">
        <input type="checkbox" checked={draft()} onChange={(event) => setDraft(event.currentTarget.checked)} />
        As a draft
      </label>
      <Button type="submit" look="primary" disabled={title().trim() === ''}>
        Push and make it
      </Button>
    </form>
  )
}
