import type { AgentTrouble, ItemRow } from '@coppice/events'
import { useNavigate } from '@solidjs/router'
import { createEffect, For, onCleanup, onMount, Show, type Accessor, type JSX } from 'solid-js'
import { BudgetActions } from '../budget/budget-actions.tsx'
import { Button } from '../parts/button.tsx'
import { duration, exactTime } from '../format/time.ts'
import { asksToTrust, SetupActions, SetupScript } from '../setup/setup-actions.tsx'
import { Icon } from '../parts/icon.tsx'
import { Meter } from '../parts/meter.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import type { ConversationModel } from './conversation-model.ts'
import { showPanel } from '../frame/show-panel.ts'
import { parseBlocks } from './blocks.ts'
import { renderBlock } from './render-tokens.ts'
import type { Unit } from './units.ts'

interface RowProps {
  model: ConversationModel
  unit: Accessor<Unit>
}

/** The agent's reasoning, one line until it is opened. */
export function ThinkingRow(props: RowProps): JSX.Element {
  const { itemId } = props.unit()
  const body = props.model.body(itemId)
  const open = () => (props.model.version(), props.model.isOpen(props.unit()))
  let line: HTMLSpanElement | undefined
  let full: HTMLDivElement | undefined
  const show = (text: string) => {
    if (line) line.textContent = firstLine(text)
    if (full) full.textContent = text
  }
  onMount(() => onCleanup(props.model.live.listen(itemId, (text) => body() === undefined && show(text))))
  createEffect(() => {
    open()
    const text = body()?.text ?? props.model.live.get(itemId)?.text
    if (text !== undefined) show(text)
  })
  return (
    <>
      <div class="tool-row">
        <button type="button" class="tool-main" aria-expanded={open()} onClick={() => props.model.toggle(props.unit())}>
          <Icon name={open() ? 'chevron-down' : 'chevron-right'} />
          <span class="verb">{body() ? 'Thought' : 'Thinking'}</span>
          <span ref={line} class="cut text-meta" />
        </button>
        <span class="end">
          <span class="duration">
            {body()?.detail.durationMs === undefined ? '' : duration(body()?.detail.durationMs ?? 0)}
          </span>
        </span>
      </div>
      <Show when={open()}>
        <div ref={full} class="thinking-text" tabIndex={0} role="group" aria-label="Reasoning" />
      </Show>
    </>
  )
}

const firstLine = (text: string): string =>
  text.trimStart().split('\n', 1)[0]?.replace(/[*#`]/g, '').slice(0, 200) ?? ''

/** A message from Coppice or from a hook, one quiet line; it names who speaks. */
export function SystemRow(props: RowProps): JSX.Element {
  const body = props.model.body(props.unit().itemId)
  const source = () => body()?.detail.source ?? 'coppice'
  const sessions = useReplica().table('sessions')
  /** The session, while this row's budget holds it. */
  const holding = () => {
    const row = body()
    const session = row?.detail.budget?.held ? sessions().get(row.sessionId) : undefined
    return session?.hold?.holdId === row?.itemId ? session : undefined
  }
  /** The repository's script that this row is about; and the session, while somebody has to say whether it may run. */
  const script = () => body()?.detail.detail
  const asking = () => {
    const row = body()
    const session = sessions().get(row?.sessionId ?? '')
    return session && session.setup?.setupId === row?.itemId && asksToTrust(session) ? session : undefined
  }
  return (
    <div
      class="system-row"
      classList={{ 'flex-wrap': holding() !== undefined || script() !== undefined }}
      title={when(body())}
    >
      <Icon name={body()?.detail.budget ? 'gauge' : source() === 'coppice' ? 'info' : 'terminal'} />
      <span class="min-w-0 whitespace-pre-wrap wrap-anywhere">
        <Show when={source() !== 'coppice'} fallback={<span class="sr-only">Coppice: </span>}>
          <b class="font-medium">{source()}: </b>
        </Show>
        {body()?.text}
      </span>
      <Show when={script()}>
        {(text) => (
          <div class="column basis-full pl-6">
            <SetupScript text={text()} open={asking() !== undefined} />
            <Show when={asking()}>{(session) => <SetupActions session={session()} />}</Show>
          </div>
        )}
      </Show>
      <Show when={holding()}>
        {(session) => (
          <div class="basis-full pl-6">
            <BudgetActions session={session()} />
          </div>
        )}
      </Show>
    </div>
  )
}

const when = (body: ItemRow | undefined): string => (body ? exactTime(body.at) : '')

const withdrawn: Record<string, string> = {
  stopped: 'the turn was stopped first; nothing ran',
  agent_exited: 'the agent ended first; nothing ran',
  restart: 'Coppice was restarted; nothing ran',
  expired: 'nobody answered in time; nothing ran',
  session_ended: 'the session ended first; nothing ran',
  switched_to_auto: 'the session was switched to Auto, which let it run:',
}

/** An approval that nobody gave: who said no and why, or why it is no longer asked, and whether it ran. */
export function SettledApproval(props: RowProps): JSX.Element {
  const body = props.model.body(props.unit().itemId)
  const users = useReplica().table('users')
  const detail = () => body()?.detail ?? {}
  const words = () => {
    if (detail().state === 'rejected') {
      const by = users().get(detail().by ?? '')?.name ?? 'somebody'
      return `${by} rejected it${detail().reason ? `: ${detail().reason}` : ''}`
    }
    return `No longer asked: ${withdrawn[detail().reason ?? ''] ?? 'it was withdrawn; nothing ran'}`
  }
  return (
    <div class="system-row" title={when(body())}>
      <Icon name={detail().state === 'rejected' ? 'close' : 'clock'} />
      <span class="cut">
        {words()} <code>{detail().target}</code>
      </span>
    </div>
  )
}

const ends: Record<string, string> = {
  refused: 'The model refused to go on',
  limit: 'The turn reached its limit',
  stopped: 'Stopped',
  failed: 'The turn failed',
  aborted_by_restart: 'Aborted by restart',
}

const troubles: Record<AgentTrouble['kind'], string> = {
  sign_in: 'Nobody is signed in',
  rate_limited: 'The rate is limited',
  context_full: 'The context is full',
}

/** What a person can do about the end of a turn. */
export interface TurnEndActions {
  readonly goOn: () => void
  /** Lets the agent make room; not there where the agent has no way. */
  readonly compact: (() => void) | undefined
  readonly changeProvider: () => void
  /** Gives the provider a key where nobody is signed in. */
  readonly setKey: () => void
}

/** How a turn ended, where it did not simply finish; what to do next is in its own words. */
export function TurnEndRow(props: RowProps & { actions: TurnEndActions; canContinue: Accessor<boolean> }): JSX.Element {
  const body = props.model.body(props.unit().itemId)
  const outcome = () => body()?.detail.turnOutcome ?? 'failed'
  const trouble = () => body()?.detail.trouble
  const until = () => trouble()?.until
  const troubleWords = () => {
    const kind = trouble()?.kind
    return kind && troubles[kind]
  }
  return (
    <div class="system-row" classList={{ loud: outcome() === 'failed' }} title={when(body())}>
      <Icon name={outcome() === 'stopped' ? 'square' : outcome() === 'aborted_by_restart' ? 'refresh' : 'alert'} />
      <span>
        <b class="font-medium">{troubleWords() ?? ends[outcome()] ?? outcome()}.</b> {body()?.text}
        <Show when={until()}>{(at) => <> It ends at {exactTime(at())}.</>}</Show>
      </span>
      <Show when={props.canContinue()}>
        <Show when={trouble()?.kind === 'context_full' && props.actions.compact}>
          {(compact) => (
            <button type="button" class="link" onClick={() => compact()()}>
              Compact
            </button>
          )}
        </Show>
        <Show when={trouble()?.kind === 'sign_in'}>
          <button type="button" class="link" onClick={() => props.actions.setKey()}>
            Set the key
          </button>
          <button type="button" class="link" onClick={() => props.actions.changeProvider()}>
            Other provider
          </button>
        </Show>
        <button type="button" class="link" onClick={() => props.actions.goOn()}>
          {trouble() ? 'Try again' : 'Continue'}
        </button>
      </Show>
      <span class="when">{duration(body()?.detail.durationMs ?? 0)}</span>
    </div>
  )
}

/** The agent's to-do list, live. */
export function PlanBlock(props: RowProps): JSX.Element {
  const body = props.model.body(props.unit().itemId)
  const entries = () => body()?.detail.entries ?? []
  const done = () => entries().filter((entry) => entry.status === 'done').length
  return (
    <section class="block" aria-label="Plan">
      <header>
        <Icon name="tasks" size="small" />
        <span class="title">Plan</span>
        <span class="note text-meta">
          {done()} of {entries().length}
        </span>
        <span class="w-18">
          <Meter value={entries().length === 0 ? 0 : done() / entries().length} label="Steps done" look="accent" />
        </span>
      </header>
      <ol class="plan-steps body">
        <For each={entries()}>
          {(entry) => (
            <li classList={{ done: entry.status === 'done', now: entry.status === 'in_progress' }}>
              {entry.status === 'done' ? (
                <Icon name="check" size="small" />
              ) : (
                <StatusGlyph kind={entry.status === 'in_progress' ? 'working' : 'pending'} />
              )}
              <span>{entry.text}</span>
            </li>
          )}
        </For>
      </ol>
    </section>
  )
}

/** A failed hook, as it was sent to the agent. */
export function HookFailure(props: RowProps): JSX.Element {
  const navigate = useNavigate()
  const body = props.model.body(props.unit().itemId)
  return (
    <section class="block failed" aria-label="Hook failure">
      <header>
        <span class="text-failed">
          <Icon name="hook" size="small" />
        </span>
        <span class="title">{body()?.detail.source ?? 'Hook'}</span>
        <span class="note text-failed">failed</span>
        <span class="grow" />
        <Button small look="quiet" onClick={() => showPanel('hooks', props.model.sessionId, navigate)}>
          Hook Logs
        </Button>
      </header>
      <div class="body">
        <div class="prose hook-said" tabIndex={0} role="group" aria-label="What the agent is told of it">
          <For each={parseBlocks(body()?.text ?? '')}>{(block) => renderBlock(block)}</For>
        </div>
      </div>
    </section>
  )
}

/** Where the session works: the first row, made from the session itself. */
export function StartRow(props: {
  sessionId: string
  progress: Accessor<{ step: string; detail: string; done?: number; total?: number } | undefined>
  onRetry: () => void
}): JSX.Element {
  const sessions = useReplica().table('sessions')
  const session = () => sessions().get(props.sessionId)
  return (
    <Show when={session()}>
      {(row) => (
        <>
          <Show when={row().worktree === 'failed'}>
            <section class="block failed" aria-label="Worktree failed">
              <header>
                <span class="text-failed">
                  <Icon name="alert" size="small" />
                </span>
                <span class="title">The worktree could not be made</span>
              </header>
              <div class="body text-supports">
                <p>{row().worktreeNote}</p>
                <p class="mt-1">Your message is kept. Try again once the cause is gone, or cancel this session.</p>
                <p class="mt-2">
                  <Button small disabled={(props.progress()?.step ?? '') !== ''} onClick={() => props.onRetry()}>
                    {(props.progress()?.step ?? '') === '' ? 'Try again' : 'Trying'}
                  </Button>
                </p>
              </div>
            </section>
          </Show>
          <Show when={row().forkedFrom !== ''}>
            <div class="system-row">
              <Icon name="fork" />
              <span class="cut">
                Forked from{' '}
                <a href={`/session/${row().forkedFrom}`}>
                  {sessions().get(row().forkedFrom)?.name ?? 'another session'}
                </a>
                : its files and what was said up to there are known here.
              </span>
            </div>
          </Show>
          <Show when={row().worktree === 'preparing' || row().worktree === 'restoring'}>
            <div class="system-row">
              <StatusGlyph kind="working" />
              <span class="cut">
                {props.progress()?.step ||
                  (row().worktree === 'restoring' ? 'Bringing the worktree back' : 'Making the worktree')}{' '}
                <span>{props.progress()?.detail}</span>
              </span>
              <Show when={props.progress()?.total}>
                {(total) => (
                  <span class="w-24">
                    <Meter
                      value={(props.progress()?.done ?? 0) / total()}
                      label={props.progress()?.step ?? ''}
                      look="working"
                    />
                  </span>
                )}
              </Show>
            </div>
          </Show>
          <Show when={row().branch !== ''}>
            <div class="system-row" title={row().worktreePath}>
              <Icon name="branch" />
              <span class="cut">
                Worktree on <code>{row().branch}</code> from <code>{row().baseBranch}</code>
                <Show when={row().baseCommit}>
                  {' '}
                  at <code>{row().baseCommit.slice(0, 7)}</code>
                </Show>
              </span>
            </div>
          </Show>
          <For each={notesOf(row().worktree === 'failed' ? '' : row().worktreeNote)}>
            {(note) => (
              <div class="system-row">
                <Icon name="warn" />
                <span>{note}</span>
              </div>
            )}
          </For>
        </>
      )}
    </Show>
  )
}

const notesOf = (notes: string): string[] => notes.split('\n').filter((note) => note !== '')
