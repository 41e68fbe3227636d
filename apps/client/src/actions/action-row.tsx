import { answerWords, type Action, type ItemRow } from '@coppice/events'
import { A } from '@solidjs/router'
import { lazy, Match, Show, Suspense, Switch, type Accessor, type JSX } from 'solid-js'
import type { ConversationModel } from '../conversation/conversation-model.ts'
import type { Unit } from '../conversation/units.ts'
import { Ago } from '../format/clock.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { QuestionForm } from './question-form.tsx'
import { TicketForm } from './ticket-form.tsx'

// Yjs comes with it.
const PlanForm = lazy(() => import('./plan-form.tsx'))

const signs: Readonly<Record<Action['kind'], { readonly title: string; readonly icon: IconName }>> = {
  ask_question: { title: 'The agent asks', icon: 'help' },
  create_plan: { title: 'A plan to agree on', icon: 'tasks' },
  create_ticket: { title: 'A ticket is proposed', icon: 'file-plus' },
}

/** What an agent puts before people, as a part of the conversation: answered here, and afterwards what was answered. */
export function ActionRow(props: { model: ConversationModel; unit: Accessor<Unit> }): JSX.Element {
  const body = props.model.body(props.unit().itemId)
  const sessions = useReplica().table('sessions')
  const session = () => sessions().get(props.model.sessionId)
  const replaced = () => (props.model.version(), props.model.isReplaced(props.unit().itemId))
  const over = () => session()?.status === 'done' || session()?.status === 'canceled' || replaced()
  return (
    <Show when={body()}>
      {(item) => (
        <Switch fallback={<Settled item={item()} />}>
          <Match when={item().status === 'pending' && !over()}>
            <Open item={item()} />
          </Match>
        </Switch>
      )}
    </Show>
  )
}

function Open(props: { item: ItemRow }): JSX.Element {
  const sessions = useReplica().table('sessions')
  const kind = () => props.item.detail.action?.kind ?? 'ask_question'
  const of = <K extends Action['kind']>(wanted: K) => {
    const { action } = props.item.detail
    return action?.kind === wanted ? (action as Extract<Action, { kind: K }>) : undefined
  }
  return (
    <section
      class="block needs"
      aria-label={`${signs[kind()].title}: ${props.item.text}`}
      data-action={props.item.itemId}
    >
      <header>
        <StatusGlyph kind="needs" />
        <span class="title">{signs[kind()].title}</span>
        <span class="note text-supports">
          <Ago at={props.item.at} suffix="ago" />
        </span>
        <span class="grow" />
        <Show when={kind() === 'ask_question'}>
          <span class="note text-meta">
            {props.item.detail.waits ? 'it waits for the answer' : 'the answer is sent as a message'}
          </span>
        </Show>
      </header>
      <div class="body !p-3">
        <Switch>
          <Match when={of('ask_question')}>
            {(question) => <QuestionForm item={props.item} question={question()} />}
          </Match>
          <Match when={of('create_ticket')}>{(ticket) => <TicketForm item={props.item} ticket={ticket()} />}</Match>
          <Match when={of('create_plan')}>
            {(plan) => (
              <Show when={sessions().get(props.item.sessionId)}>
                {(session) => (
                  <Suspense fallback={<p class="text-meta">{plan().title}</p>}>
                    <PlanForm item={props.item} plan={plan()} session={session()} />
                  </Suspense>
                )}
              </Show>
            )}
          </Match>
        </Switch>
      </div>
    </section>
  )
}

function Settled(props: { item: ItemRow }): JSX.Element {
  const users = useReplica().table('users')
  const detail = () => props.item.detail
  const by = () => users().get(detail().by ?? '')?.name ?? 'Somebody'
  return (
    <section class="block" aria-label={`${signs[detail().action?.kind ?? 'ask_question'].title}: ${props.item.text}`}>
      <header>
        <Icon name={signs[detail().action?.kind ?? 'ask_question'].icon} size="small" />
        <span class="title cut">{props.item.text}</span>
      </header>
      <div class="body !py-2 text-supports wrap-anywhere">
        <Answer item={props.item} by={by()} />
      </div>
    </section>
  )
}

function Answer(props: { item: ItemRow; by: string }): JSX.Element {
  const answer = () => props.item.detail.answer
  const approved = () => {
    const given = answer()
    return given?.kind === 'approved' ? given : undefined
  }
  return (
    <Switch fallback="Nobody answered, and it is no longer asked.">
      <Match when={answer()?.kind === 'dismissed'}>
        {props.item.detail.action?.kind === 'ask_question'
          ? `${props.by} left it to the agent.`
          : `${props.by} dismissed it.`}
      </Match>
      <Match when={approved()}>
        {(given) => (
          <>
            {props.by} approved it: <A href={`/session/${given().sessionId}`}>the session that carries it out</A>.
          </>
        )}
      </Match>
      <Match when={answer()?.kind === 'ticket'}>{props.by} kept it.</Match>
      <Match when={answer()}>
        {(given) => (
          <>
            {props.by} answered: <b class="font-medium text-primary">{answerWords(given())}</b>
          </>
        )}
      </Match>
    </Switch>
  )
}
