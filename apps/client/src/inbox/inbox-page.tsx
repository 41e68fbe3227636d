import type { ItemRow, SessionRow } from '@coppice/events'
import { A } from '@solidjs/router'
import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { QuestionForm } from '../actions/question-form.tsx'
import { ApprovalActions, ApprovalDetail, ApprovalReason } from '../approvals/approval-card.tsx'
import { useApproval } from '../approvals/use-approval.ts'
import { BudgetActions } from '../budget/budget-actions.tsx'
import { Head } from '../frame/head.tsx'
import { Ago } from '../format/clock.tsx'
import { count } from '../format/numbers.ts'
import { Icon } from '../parts/icon.tsx'
import { ProviderMark } from '../parts/provider-mark.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { byActivity, isFailed, waitingFor } from '../session/attention.ts'
import { asksToTrust } from '../setup/setup-actions.tsx'
import { SetupLine } from '../setup/setup-line.tsx'
import { useReplica } from '../sync/replica-context.tsx'

/** Everything that waits for a person, answered in place. */
export default function InboxPage(): JSX.Element {
  const signals = useReplica()
  const sessions = signals.table('sessions')
  const waiting = createMemo(() =>
    [...sessions().values()].filter((session) => waitingFor(session) > 0).sort(byActivity),
  )
  const held = createMemo(() => [...sessions().values()].filter((session) => session.hold).sort(byActivity))
  const scripts = createMemo(() => [...sessions().values()].filter(asksToTrust).sort(byActivity))
  const failed = createMemo(() => [...sessions().values()].filter(isFailed).sort(byActivity))
  const asked = () => waiting().reduce((sum, session) => sum + waitingFor(session), 0)
  const total = () => asked() + scripts().length + held().length + failed().length
  onMount(() => (document.title = 'Inbox · Coppice'))
  return (
    <main class="main">
      <Head>
        <h1>Inbox</h1>
        <Show when={total() > 0}>
          <span class="count needs">{count(total())}</span>
          <span class="text-meta wide-only">{total() === 1 ? 'needs you' : 'need you'}</span>
        </Show>
        <span class="grow" />
      </Head>
      <div class="page" onKeyDown={walk}>
        <div class="page-in">
          <Show when={total() === 0}>
            <div class="empty mt-16">
              <Icon name="inbox" size="large" />
              <span class="title">Nothing needs you</span>
              <span>
                Approvals and questions of agents, budgets that are used up, and turns that failed, stand here.
              </span>
            </div>
          </Show>
          <Show when={waiting().length > 0}>
            <div class="group-head">
              Approvals and questions <span class="text-meta">{asked()}</span>
            </div>
            <div class="list">
              <For each={waiting().map((session) => session.sessionId)}>{(id) => <Approvals sessionId={id} />}</For>
            </div>
          </Show>
          <Show when={scripts().length > 0}>
            <div class="group-head">
              Scripts of the repository <span class="text-meta">{scripts().length}</span>
            </div>
            <div class="list">
              <For each={scripts().map((session) => session.sessionId)}>
                {(id) => <Show when={sessions().get(id)}>{(session) => <SetupLine session={session()} />}</Show>}
              </For>
            </div>
          </Show>
          <Show when={held().length > 0}>
            <div class="group-head">
              Budgets <span class="text-meta">{held().length}</span>
            </div>
            <div class="list">
              <For each={held()}>
                {(session) => (
                  <article class="list-row" tabIndex={0} aria-label={`Budget used up: ${session.name}`}>
                    <StatusGlyph kind="needs" />
                    <SessionLine session={session} />
                    <span class="text-12 text-meta">
                      <Ago at={session.updatedAt} />
                    </span>
                    <div class="below column">
                      <p class="text-supports">
                        {session.hold?.scope === 'workspace'
                          ? 'The budget of the workspace is used up. No model is called until it is raised.'
                          : 'The budget of this session is used up. No model is called until it is raised.'}
                      </p>
                      <BudgetActions session={session} />
                    </div>
                  </article>
                )}
              </For>
            </div>
          </Show>
          <Show when={failed().length > 0}>
            <div class="group-head">
              Failures <span class="text-meta">{failed().length}</span>
            </div>
            <div class="list">
              <For each={failed()}>
                {(session) => (
                  <article class="list-row" tabIndex={0} aria-label={`Failed: ${session.name}`}>
                    <StatusGlyph kind="failed" />
                    <SessionLine session={session} />
                    <span class="text-12 text-meta">
                      <Ago at={session.updatedAt} />
                    </span>
                    <div class="below">
                      <p class="pb-1.5 text-supports wrap-anywhere">
                        {session.worktree === 'failed'
                          ? `The worktree could not be made: ${session.worktreeNote}`
                          : session.lastOutcomeMessage || 'The last turn did not end well.'}
                      </p>
                      <A class="button small" href={`/session/${session.sessionId}`}>
                        Open
                      </A>
                    </div>
                  </article>
                )}
              </For>
            </div>
          </Show>
        </div>
      </div>
      <footer class="page-foot">
        <span>
          <kbd>J</kbd> <kbd>K</kbd> move
        </span>
        <span>
          <kbd>Enter</kbd> open
        </span>
        <span class="grow" />
        <span>Keys act on the focused row, 0.5 s after it gets the focus</span>
      </footer>
    </main>
  )
}

function SessionLine(props: { session: SessionRow }): JSX.Element {
  const workspaces = useReplica().table('workspaces')
  return (
    <span class="row">
      <A class="cut font-medium" href={`/session/${props.session.sessionId}`}>
        {props.session.name}
      </A>
      <ProviderMark provider={props.session.provider} />
      <span class="cut text-12 text-meta">{workspaces().get(props.session.workspaceId)?.name}</span>
    </span>
  )
}

/** The pending approvals of one session; its conversation is open for as long as it stands here. */
function Approvals(props: { sessionId: string }): JSX.Element {
  const signals = useReplica()
  const { replica } = signals
  const sessions = signals.table('sessions')
  const conversation = replica.openConversation(props.sessionId)
  const [items, setItems] = createSignal<readonly ItemRow[]>([])
  const read = () => {
    const ids = conversation.spine().flatMap((item) => (isAsked(item) ? item.itemId : []))
    const show = () =>
      setItems(ids.flatMap((id) => conversation.body(id) ?? []).filter((item) => item.status === 'pending'))
    if (ids.some((id) => conversation.body(id) === undefined)) void conversation.load(ids).then(show)
    else show()
  }
  onCleanup(conversation.onChange(read))
  onCleanup(() => conversation.close())
  createEffect(
    on(() => {
      const session = sessions().get(props.sessionId)
      return session && waitingFor(session)
    }, read),
  )
  return (
    <For each={items()}>
      {(item) => (
        <Show when={sessions().get(props.sessionId)}>
          {(session) =>
            item.kind === 'action' ? (
              <ActionLine item={item} session={session()} />
            ) : (
              <ApprovalRow item={item} session={session()} />
            )
          }
        </Show>
      )}
    </For>
  )
}

function ApprovalRow(props: { item: ItemRow; session: SessionRow }): JSX.Element {
  const approval = useApproval(() => props.item)
  return (
    <article
      class="list-row"
      tabIndex={0}
      aria-label={`Approval needed in ${props.session.name}: ${props.item.detail.target ?? ''}`}
      onFocus={approval.onFocus}
      onBlur={approval.onBlur}
      onKeyDown={approval.onKeyDown}
    >
      <StatusGlyph kind="needs" />
      <SessionLine session={props.session} />
      <span class="text-12 text-meta">
        asked <Ago at={props.item.at} suffix="ago" />
      </span>
      <div class="below column pt-1">
        <ApprovalDetail item={props.item} />
        <ApprovalActions approval={approval} small>
          <ApprovalReason approval={approval} class="ml-auto max-w-60" placeholder="Reason, if you reject" />
        </ApprovalActions>
      </div>
    </article>
  )
}

const isAsked = ({ kind, status }: { kind: string; status: string }): boolean =>
  (kind === 'approval' || kind === 'action') && status === 'pending'

const offered = { create_plan: 'A plan', create_ticket: 'A ticket', ask_question: 'A question' } as const

/** A question is answered here; a plan or a ticket is looked at where it stands. */
function ActionLine(props: { item: ItemRow; session: SessionRow }): JSX.Element {
  const action = () => props.item.detail.action
  const question = () => {
    const asked = action()
    return asked?.kind === 'ask_question' ? asked : undefined
  }
  return (
    <article
      class="list-row"
      tabIndex={0}
      aria-label={`${offered[action()?.kind ?? 'ask_question']} in ${props.session.name}: ${props.item.text}`}
    >
      <StatusGlyph kind="needs" />
      <SessionLine session={props.session} />
      <span class="text-12 text-meta">
        asked <Ago at={props.item.at} suffix="ago" />
      </span>
      <div class="below pt-1">
        <Show
          when={question()}
          fallback={
            <p class="row">
              <span class="cut grow">
                {offered[action()?.kind ?? 'create_plan']}: {props.item.text}
              </span>
              <A class="button small" href={`/session/${props.session.sessionId}`}>
                Open
              </A>
            </p>
          }
        >
          {(asked) => <QuestionForm item={props.item} question={asked()} small />}
        </Show>
      </div>
    </article>
  )
}

/** j and k move over the rows, Enter opens the session of the focused one. */
function walk(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  if (event.target instanceof HTMLInputElement) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('article')]
  const at = rows.findIndex((row) => row === document.activeElement)
  if (event.key === 'Enter' && at >= 0 && event.target === rows[at]) {
    rows[at]?.querySelector<HTMLAnchorElement>('a')?.click()
    return
  }
  const step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0
  if (step === 0) return
  event.preventDefault()
  rows[Math.min(rows.length - 1, Math.max(0, at + step))]?.focus()
}
