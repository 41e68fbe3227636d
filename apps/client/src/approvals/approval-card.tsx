import type { ApprovalDecision, ItemRow } from '@coppice/events'
import { createSignal, Match, Show, Switch, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { DiffLines } from '../git/diff-lines.tsx'
import { parsePatch } from '../git/patch.ts'
import { Button } from '../parts/button.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { KEYS_AFTER_MS, keyDecision } from './approval-keys.ts'

const questions: Partial<Record<NonNullable<ItemRow['detail']['family']>, string>> = {
  run: 'Run a command?',
  edit: 'Change a file?',
  write: 'Write a file?',
  delete: 'Delete a file?',
  fetch: 'Fetch from the network?',
  read: 'Read outside the worktree?',
}

/** What the agent wants to do, whole: the command or the diff, never a summary of it. */
export function ApprovalDetail(props: { item: ItemRow }): JSX.Element {
  const detail = () => props.item.detail
  return (
    <Switch
      fallback={
        <pre class="command-text" tabIndex={0}>
          {detail().detail || detail().target}
        </pre>
      }
    >
      <Match when={detail().detailKind === 'diff' && parsePatch(detail().detail ?? '').length > 0}>
        <div
          class="inline-diff !m-0 max-h-72 overflow-auto"
          tabIndex={0}
          role="group"
          aria-label="The change it would make"
        >
          <DiffLines lines={parsePatch(detail().detail ?? '')} />
        </div>
      </Match>
      <Match when={detail().detailKind === 'command'}>
        <pre class="command-text" tabIndex={0}>
          <span class="text-meta">$ </span>
          {detail().detail || detail().target}
        </pre>
      </Match>
    </Switch>
  )
}

/** Allow once, allow for this session, reject with a reason. Keys act only on the focused card, half a second after it got the focus. */
export function ApprovalActions(props: {
  item: ItemRow
  small?: boolean
  reason: string
  children?: JSX.Element
}): JSX.Element {
  const { replica } = useReplica()
  const answer = (decision: ApprovalDecision) => answerApproval(replica, props.item, decision, props.reason)
  return (
    <div class="row approval-actions">
      <Button look="primary" small={props.small} keys={['Y']} onClick={() => answer('allow_once')}>
        Allow once
      </Button>
      <Button small={props.small} keys={['S']} onClick={() => answer('allow_session')}>
        Allow for this session
      </Button>
      {props.children ?? <span class="grow" />}
      <Button danger small={props.small} keys={['N']} onClick={() => answer('reject')}>
        Reject
      </Button>
    </div>
  )
}

/** Sends the answer; a refusal (it was settled first) is told with its reason. */
export function answerApproval(
  replica: ReturnType<typeof useReplica>['replica'],
  item: ItemRow,
  decision: ApprovalDecision,
  reason: string,
): void {
  void sendToSession(replica, item, 'approval.answer', {
    approvalId: item.itemId,
    decision,
    ...(decision === 'reject' && reason.trim() !== '' && { reason: reason.trim() }),
  })
}

/** The card in the conversation. */
export function ApprovalCard(props: { item: ItemRow }): JSX.Element {
  const { replica } = useReplica()
  const [reason, setReason] = createSignal('')
  let focusedAt = Infinity
  let card: HTMLElement | undefined
  const onKey = (event: KeyboardEvent) => {
    const decision = keyDecision(event, { onCard: event.target === card, heldMs: performance.now() - focusedAt })
    if (decision === undefined) return
    event.preventDefault()
    event.stopPropagation()
    answerApproval(replica, props.item, decision, reason())
  }
  return (
    <section
      ref={card}
      class="block needs"
      aria-label={`Approval needed: ${props.item.detail.target ?? ''}`}
      data-approval={props.item.itemId}
      tabIndex={0}
      onFocus={() => (focusedAt = performance.now())}
      onBlur={() => (focusedAt = Infinity)}
      onKeyDown={onKey}
    >
      <header>
        <StatusGlyph kind="needs" />
        <span class="title">
          {questions[props.item.detail.family ?? 'other'] ?? `${props.item.detail.title ?? 'A step'}?`}
        </span>
        <span class="note text-supports">
          asked <Ago at={props.item.at} suffix="ago" />
        </span>
        <span class="grow" />
        <span class="note text-meta">keys act {KEYS_AFTER_MS / 1_000} s after it has the focus</span>
      </header>
      <div class="body column !gap-2.5 !p-3">
        <ApprovalDetail item={props.item} />
        <dl class="facts wrap text-12">
          <dt>In</dt>
          <dd>the session's worktree</dd>
          <Show when={props.item.detail.detailKind === 'diff' || props.item.detail.family === 'edit'}>
            <dt>File</dt>
            <dd class="mono">{props.item.detail.target}</dd>
          </Show>
        </dl>
        <ApprovalActions item={props.item} reason={reason()} />
        <input
          class="input small"
          placeholder="Reason, sent to the agent with a reject"
          aria-label="Reason, sent to the agent with a reject"
          value={reason()}
          onInput={(event) => setReason(event.currentTarget.value)}
          onKeyDown={(event) => {
            event.stopPropagation()
            if (event.key === 'Enter') answerApproval(replica, props.item, 'reject', reason())
          }}
        />
      </div>
    </section>
  )
}
