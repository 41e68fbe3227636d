import {
  createEffect,
  createSignal,
  For,
  Match,
  on,
  onCleanup,
  onMount,
  Show,
  Switch,
  type Accessor,
  type JSX,
} from 'solid-js'
import { ActionRow } from '../actions/action-row.tsx'
import { ApprovalCard } from '../approvals/approval-card.tsx'
import { Button } from '../parts/button.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import type { ConversationModel } from './conversation-model.ts'
import { AgentMessage, SummaryMessage, UserMessage } from './message-rows.tsx'
import { InstructionsRow } from './instructions-row.tsx'
import { HookFailure, PlanBlock, SettledApproval, StartRow, SystemRow, ThinkingRow, TurnEndRow } from './quiet-rows.tsx'
import { ReplacedRow } from './replaced-row.tsx'
import { GroupRow, ToolRow, type ToolLinks } from './tool-row.tsx'
import type { TurnEndActions } from './quiet-rows.tsx'
import type { Unit } from './units.ts'

export interface ConversationProps {
  model: ConversationModel
  links: ToolLinks
  turnEnd: TurnEndActions
  onRetry: () => void
}

/** The virtual list of a session. */
export function ConversationView(props: ConversationProps): JSX.Element {
  let scroller: HTMLDivElement | undefined
  let space: HTMLDivElement | undefined
  const { model } = props
  const { connection } = useReplica()
  const progress = useProgress(model)
  const [newRows, setNewRows] = createSignal(0)
  let seen = 0

  onMount(() => {
    if (!scroller || !space) return
    const column = space
    const widths = new ResizeObserver(([entry]) => entry && model.resized(entry.contentRect.width))
    widths.observe(column)
    onCleanup(() => widths.disconnect())
    model.window.attach(scroller, column)
  })
  createEffect(
    on([model.version, model.window.intent], ([, intent]) => {
      if (intent === 'following') seen = model.units.length
      setNewRows(Math.max(0, model.units.length - seen))
    }),
  )

  return (
    <div class="conversation">
      <div
        ref={scroller}
        class="conversation-scroll"
        role="feed"
        aria-label="Conversation"
        tabIndex={0}
        onKeyDown={(event) => moveFocus(event, model)}
      >
        <Show when={!model.whole()}>
          <p class="conversation-away" role="status">
            {connection().state === 'online' || connection().state === 'behind'
              ? 'Fetching this conversation …'
              : 'This conversation is not on this device. It comes when the server can be reached; what you write waits until then.'}
          </p>
        </Show>
        <div ref={space} class="conversation-space">
          <For each={model.window.ids()}>{(id) => <UnitRow id={id} view={props} progress={progress} />}</For>
        </div>
      </div>
      <Show when={model.window.intent() === 'reading'}>
        <Button small class="pill new-pill" icon="pull" onClick={() => model.window.tell({ kind: 'jumpedToEnd' })}>
          {newRows() > 0 ? `${newRows()} new` : 'To the end'}
        </Button>
      </Show>
    </div>
  )
}

function UnitRow(props: {
  id: string
  view: ConversationProps
  progress: ReturnType<typeof useProgress>
}): JSX.Element {
  const { model } = props.view
  let element: HTMLElement | undefined
  const first = model.unit(props.id)
  // A row can leave in the same change that would have mounted it; then there is nothing to show.
  if (first === undefined) return null
  const unit = () => (model.version(), model.unit(props.id) ?? first)
  onMount(() => element && model.window.observe(element))
  onCleanup(() => element && model.window.unmount(props.id, element))
  return (
    <article
      ref={(node) => {
        element = node
        model.window.mount(props.id, node)
      }}
      class="unit"
      tabIndex={-1}
      aria-label={nameOf(unit())}
      aria-posinset={model.units.indexOf(unit()) + 1}
      aria-setsize={(model.version(), model.units.length)}
      onFocusIn={() => model.window.keep(props.id)}
    >
      <Show when={unit().depth > 0}>
        <span class="unit-rails">
          <For each={Array.from({ length: Math.min(8, unit().depth) })}>{() => <span />}</For>
        </span>
      </Show>
      <div
        class="unit-body"
        classList={{ replaced: (model.version(), model.isReplaced(unit().itemId)) }}
        style={{ 'padding-left': unit().depth === 0 ? '' : `${Math.min(8, unit().depth) * 20}px` }}
      >
        <RowOf kind={first.kind} unit={unit} view={props.view} progress={props.progress} />
      </div>
    </article>
  )
}

function RowOf(props: {
  kind: Unit['kind']
  unit: Accessor<Unit>
  view: ConversationProps
  progress: ReturnType<typeof useProgress>
}): JSX.Element {
  const { model } = props.view
  switch (props.kind) {
    case 'user':
      return <UserMessage model={model} unit={props.unit} />
    case 'agent':
      return <AgentMessage model={model} unit={props.unit} />
    case 'summary':
      return <SummaryMessage model={model} unit={props.unit} />
    case 'thinking':
      return <ThinkingRow model={model} unit={props.unit} />
    case 'tool':
      return <ToolRow model={model} unit={props.unit} links={props.view.links} />
    case 'group':
      return <GroupRow model={model} unit={props.unit} />
    case 'approval':
      return <Approval model={model} unit={props.unit} />
    case 'plan':
      return <PlanBlock model={model} unit={props.unit} />
    case 'system':
      return <SystemRow model={model} unit={props.unit} />
    case 'action':
      return <ActionRow model={model} unit={props.unit} />
    case 'instructions':
      return <InstructionsRow model={model} unit={props.unit} />
    case 'hook_failure':
      return <HookFailure model={model} unit={props.unit} />
    case 'turn_end':
      return <TurnEnd view={props.view} unit={props.unit} />
    case 'replaced':
      return <ReplacedRow model={model} unit={props.unit} />
    case 'start':
      return <StartRow sessionId={model.sessionId} progress={props.progress} onRetry={props.view.onRetry} />
  }
}

function Approval(props: { model: ConversationModel; unit: Accessor<Unit> }): JSX.Element {
  const body = props.model.body(props.unit().itemId)
  return (
    <Switch>
      <Match when={body()?.detail.state === 'pending' ? body() : undefined}>
        {(item) => <ApprovalCard item={item()} />}
      </Match>
      <Match when={body()}>
        <SettledApproval model={props.model} unit={props.unit} />
      </Match>
    </Switch>
  )
}

/** Going on is offered where the session is held by this very end, on the last row only. */
function TurnEnd(props: { view: ConversationProps; unit: Accessor<Unit> }): JSX.Element {
  const sessions = useReplica().table('sessions')
  const { model } = props.view
  const canContinue = () => {
    const session = sessions().get(model.sessionId)
    const last = (model.version(), model.units.at(model.units.length - 1))
    return session?.held !== 'none' && session?.status === 'waiting' && last?.id === props.unit().id
  }
  return <TurnEndRow model={model} unit={props.unit} actions={props.view.turnEnd} canContinue={canContinue} />
}

const names: Record<Unit['kind'], string> = {
  user: 'Message',
  agent: 'Agent',
  summary: 'Summary',
  thinking: 'Reasoning',
  tool: 'Tool',
  group: 'Tools',
  approval: 'Approval',
  plan: 'Plan',
  system: 'Note',
  hook_failure: 'Hook failure',
  action: 'For you',
  instructions: 'Instructions',
  turn_end: 'End of turn',
  start: 'Worktree',
  replaced: 'Replaced part',
}

const nameOf = (unit: Unit): string =>
  unit.part > 0 ? `${names[unit.kind]}, continued, ${unit.part + 1} of ${unit.parts}` : names[unit.kind]

/** Long work of the runner, from the live channel. */
function useProgress(model: ConversationModel) {
  const { replica } = useReplica()
  const [progress, setProgress] = createSignal<{ step: string; detail: string; done?: number; total?: number }>()
  const stop = replica.onLive((live) => {
    if (live.session !== model.sessionId) return
    for (const item of live.items) {
      if (item.kind !== 'progress') continue
      const { step, detail, done, total } = item
      setProgress(
        step === ''
          ? undefined
          : { step, detail, ...(done !== undefined && { done }), ...(total !== undefined && { total }) },
      )
    }
  })
  onCleanup(stop)
  return progress
}

/** j and k, arrows with Alt, PageUp and PageDown by the browser: the focus walks over articles. */
function moveFocus(event: KeyboardEvent, model: ConversationModel): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return
  if (event.key === 'End') {
    event.preventDefault()
    model.window.tell({ kind: 'jumpedToEnd' })
    return
  }
  const step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0
  if (step === 0) return
  event.preventDefault()
  const article = event.target instanceof HTMLElement ? event.target.closest('article') : null
  const at = article ? Number(article.dataset['index']) : step > 0 ? -1 : model.units.length
  const next = model.units.at(Math.min(model.units.length - 1, Math.max(0, at + step)))
  if (next === undefined) return
  model.window.keep(next.id)
  model.window.scrollTo(next.id, 'auto')
  requestAnimationFrame(() => model.window.rowOf(next.id)?.focus({ preventScroll: true }))
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)
