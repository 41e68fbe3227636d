import { newId, spentOf, type ItemRow, type SessionRow, type Spent } from '@coppice/events'
import { createEffect, createSignal, For, on, onCleanup, Show, type JSX } from 'solid-js'
import { BudgetForm } from '../budget/budget-form.tsx'
import { Ago } from '../format/clock.tsx'
import { money, tokens } from '../format/numbers.ts'
import { Button } from '../parts/button.tsx'
import { ChangedFiles } from '../session/changed-files.tsx'
import { cannotReset } from '../session/session-actions.ts'
import { sendMessage, sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { compactCommand } from './compact.ts'
import { ContextBar } from './context-bar.tsx'

/** Turns that the table begins with; more are asked for. */
const SHOWN = 20

/** Tokens and money of a session, turn by turn; its budgets; the files it changed; a new beginning for the agent's memory (TB-7). */
export default function ContextTab(props: { session: SessionRow }): JSX.Element {
  const signals = useReplica()
  const { replica } = signals
  const sessions = signals.table('sessions')
  const workspaces = signals.table('workspaces')
  const members = signals.table('members')
  const compact = () => compactCommand(props.session.provider)
  const ownSpent = () => spentOf(props.session)
  const workspaceSpent = (): Spent =>
    [...sessions().values()]
      .filter((one) => one.workspaceId === props.session.workspaceId)
      .map(spentOf)
      .reduce((all, one) => ({ usd: all.usd + one.usd, tokens: all.tokens + one.tokens }), { usd: 0, tokens: 0 })
  const admin = () => {
    const mine = members().get(`${props.session.workspaceId}/${replica.userId}`)?.role
    return mine === 'owner' || mine === 'admin'
  }
  const why = () => cannotReset(props.session)
  return (
    <>
      <Show
        when={props.session.contextLimit > 0}
        fallback={
          <section class="section">
            <p class="text-12 text-meta">The agent has not told yet how full its context is.</p>
          </section>
        }
      >
        <ContextBar session={props.session} />
      </Show>
      <section class="section">
        <h3>Cost</h3>
        <dl class="facts">
          <dt>Total</dt>
          <dd>
            {props.session.usdEstimated ? '≈ ' : ''}
            {money(props.session.usd)}
            <Show when={props.session.usdEstimated}>
              <span class="text-meta"> in part estimated, or from a table of prices</span>
            </Show>
          </dd>
          <dt>Read</dt>
          <dd>{tokens(props.session.inputTokens)}</dd>
          <dt>Written</dt>
          <dd>{tokens(props.session.outputTokens)}</dd>
          <dt>From cache</dt>
          <dd>{tokens(props.session.cacheReadTokens)}</dd>
          <dt>To cache</dt>
          <dd>{tokens(props.session.cacheWriteTokens ?? 0)}</dd>
        </dl>
      </section>
      <section class="section">
        <h3>Budget</h3>
        <BudgetForm
          session={props.session}
          scope="session"
          label="This session"
          budget={props.session.budget}
          spent={ownSpent()}
          editable
        />
        <BudgetForm
          session={props.session}
          scope="workspace"
          label="The workspace"
          budget={workspaces().get(props.session.workspaceId)?.budget}
          spent={workspaceSpent()}
          editable={admin()}
        />
        <p class="hint">
          At 80 % there is a warning. At 100 % Coppice Code is held before its next call of the model; other agents at
          their next step that asks, or before the next turn.
        </p>
      </section>
      <Turns session={props.session} />
      <ChangedFiles session={props.session} />
      <section class="section">
        <h3>Memory</h3>
        <div class="row flex-wrap">
          <Button
            small
            icon="refresh"
            disabled={why() !== undefined}
            title={why() ?? 'From the next message on the agent knows nothing of what was said; files stay'}
            onClick={() => void sendToSession(replica, props.session, 'session.resetContext', { resetId: newId() })}
          >
            Reset context
          </Button>
          <Show when={compact()}>
            {(command) => (
              <Button
                small
                look="quiet"
                disabled={why() !== undefined}
                title={why() ?? 'The agent sums up what was said, to make room'}
                onClick={() => void sendMessage(replica, props.session, command())}
              >
                Compact
              </Button>
            )}
          </Show>
        </div>
      </section>
    </>
  )
}

/** What each turn took, newest first. */
function Turns(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const [rows, setRows] = createSignal<readonly ItemRow[]>([])
  const [more, setMore] = createSignal(0)
  const [shown, setShown] = createSignal(SHOWN)
  createEffect(
    on([() => props.session.sessionId, shown], ([sessionId, most]) => {
      const conversation = replica.openConversation(sessionId)
      const read = () => {
        const all = conversation.spine().flatMap((item) => (item.kind === 'turn_end' ? item.itemId : []))
        const ids = all.slice(-most)
        const show = () => {
          setRows(ids.flatMap((id) => conversation.body(id) ?? []).toReversed())
          setMore(all.length - ids.length)
        }
        if (ids.some((id) => conversation.body(id) === undefined)) void conversation.load(ids).then(show)
        else show()
      }
      onCleanup(conversation.onChange(read))
      onCleanup(() => conversation.close())
      read()
    }),
  )
  return (
    <section class="section">
      <h3>Turns</h3>
      <Show when={rows().length > 0} fallback={<p class="text-12 text-meta">No turn has ended yet.</p>}>
        <table class="usage-table">
          <thead>
            <tr>
              <th scope="col">Ended</th>
              <th scope="col">Read</th>
              <th scope="col">Written</th>
              <th scope="col">Cached</th>
              <th scope="col">Cost</th>
            </tr>
          </thead>
          <tbody>
            <For each={rows()}>
              {(row) => (
                <tr>
                  <td>
                    <Ago at={row.at} suffix="ago" />
                  </td>
                  <Show when={row.detail.usage} fallback={<td colSpan={4}>not told</td>}>
                    {(usage) => (
                      <>
                        <td>{tokens(usage().inputTokens)}</td>
                        <td>{tokens(usage().outputTokens)}</td>
                        <td>{tokens(usage().cacheReadTokens)}</td>
                        <td title={costTitle(usage())}>
                          {usage().source === 'estimated' || usage().priced ? '≈ ' : ''}
                          {money(usage().usd)}
                        </td>
                      </>
                    )}
                  </Show>
                </tr>
              )}
            </For>
          </tbody>
        </table>
        <Show when={more() > 0}>
          <Button small look="quiet" onClick={() => setShown((n) => n + 100)}>
            {more()} more
          </Button>
        </Show>
      </Show>
    </section>
  )
}

function costTitle({ source, priced, provider, model }: NonNullable<ItemRow['detail']['usage']>): string {
  const who = [provider, model].filter(Boolean).join(' ')
  if (source === 'estimated') return `${who}: estimated from the length of the texts, as the agent told nothing`
  return priced ? `${who}: tokens as reported, money from a table of prices` : `${who}: as the agent reported it`
}
