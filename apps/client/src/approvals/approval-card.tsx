import type { ItemRow } from '@coppice/events'
import { Match, Show, Switch, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { DiffLines } from '../git/diff-lines.tsx'
import { parsePatch } from '../git/patch.ts'
import { Button } from '../parts/button.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { AlwaysAllow } from '../permissions/always-allow.tsx'
import { KEYS_AFTER_MS } from './approval-keys.ts'
import { useApproval, type Answering } from './use-approval.ts'

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

/** Allow once, allow for this session, reject with a reason. */
export function ApprovalActions(props: { approval: Answering; small?: boolean; children?: JSX.Element }): JSX.Element {
  return (
    <div class="row approval-actions">
      <Button look="primary" small={props.small} keys={['Y']} onClick={() => props.approval.answer('allow_once')}>
        Allow once
      </Button>
      <Button small={props.small} keys={['S']} onClick={() => props.approval.answer('allow_session')}>
        Allow for this session
      </Button>
      <AlwaysAllow approval={props.approval} small={props.small === true} />
      {props.children ?? <span class="grow" />}
      <Button danger small={props.small} keys={['N']} onClick={() => props.approval.answer('reject')}>
        Reject
      </Button>
    </div>
  )
}

/** Why, if it is rejected; Enter rejects. */
export function ApprovalReason(props: { approval: Answering; class: string; placeholder: string }): JSX.Element {
  return (
    <input
      class={`input small ${props.class}`}
      placeholder={props.placeholder}
      aria-label="Reason, sent to the agent with a reject"
      value={props.approval.reason()}
      onInput={(event) => props.approval.setReason(event.currentTarget.value)}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter') props.approval.answer('reject')
      }}
    />
  )
}

/** The card in the conversation. */
export function ApprovalCard(props: { item: ItemRow }): JSX.Element {
  const approval = useApproval(() => props.item)
  return (
    <section
      class="block needs"
      aria-label={`Approval needed: ${props.item.detail.target ?? ''}`}
      data-approval={props.item.itemId}
      tabIndex={0}
      onFocus={approval.onFocus}
      onBlur={approval.onBlur}
      onKeyDown={approval.onKeyDown}
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
        <ApprovalActions approval={approval} />
        <ApprovalReason approval={approval} class="" placeholder="Reason, sent to the agent with a reject" />
      </div>
    </section>
  )
}
