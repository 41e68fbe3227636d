import { LIMITS, newId, type Action, type ItemRow, type SessionRow } from '@coppice/events'
import { useNavigate } from '@solidjs/router'
import { createEffect, createSignal, on, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { SharedDraft } from '../composer/shared-draft.ts'
import { caretAfter } from '../composer/text-change.ts'
import { Button } from '../parts/button.tsx'
import { sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { answerAction } from './answer-action.ts'
import { planBeginning, planText } from './plan-text.ts'

/** A plan that all who may write here edit together; Approve begins a Develop session with it (MA-3). */
export default function PlanForm(props: {
  item: ItemRow
  plan: Extract<Action, { kind: 'create_plan' }>
  session: SessionRow
}): JSX.Element {
  const signals = useReplica()
  const { replica } = signals
  const users = signals.table('users')
  const navigate = useNavigate()
  const [text, setText] = createSignal(planText(props.plan))
  const [others, setOthers] = createSignal<readonly string[]>([])
  const online = () => signals.connection().state === 'online'
  let box: HTMLTextAreaElement | undefined
  let shared: SharedDraft | undefined
  onMount(() => {
    const { workspaceId, sessionId, itemId } = props.item
    const draft = new SharedDraft(`${workspaceId}/session/${sessionId}/plan-${itemId}`, (after, change) => {
      const [start, end] = [box?.selectionStart ?? 0, box?.selectionEnd ?? 0]
      setText(after)
      if (document.activeElement === box) box?.setSelectionRange(caretAfter(start, change), caretAfter(end, change))
    })
    shared = draft
    let gone = false
    onCleanup(() => {
      gone = true
      draft.close()
    })
    const open = async (): Promise<void> => {
      await draft.ready
      if (gone) return
      draft.merge(planBeginning(props.plan))
      setText(draft.text)
      draft.onOthers(setOthers)
      draft.online(online())
    }
    void open()
  })
  createEffect(on(online, (there) => shared?.online(there), { defer: true }))
  const tooLong = () => text().length > LIMITS.actionTextChars
  const approve = async (): Promise<void> => {
    const { workspaceId, provider, model, baseBranch, stepMode, toggles } = props.session
    const sessionId = newId()
    const taken = await sendToSession(replica, { workspaceId, sessionId }, 'session.create', {
      sessionId,
      workspaceId,
      name: props.plan.title,
      mode: 'develop',
      provider,
      model,
      baseBranch,
      stepMode,
      ...(toggles && { toggles }),
      message: { messageId: newId(), text: `Carry out this plan.\n\n${text()}` },
    })
    if (!taken) return
    await answerAction(replica, props.item, { kind: 'approved', text: text(), sessionId })
    navigate(`/session/${sessionId}`)
  }
  return (
    <div class="column !gap-2.5">
      <textarea
        ref={box}
        class="input plan-text"
        classList={{ bad: tooLong() }}
        aria-label="Plan"
        rows={Math.min(18, Math.max(5, text().split('\n').length + 1))}
        value={text()}
        onInput={(event) => {
          const { value, selectionStart } = event.currentTarget
          setText(value)
          shared?.write(value, selectionStart)
        }}
        onFocus={() => shared?.writing(users().get(replica.userId)?.name ?? replica.userId)}
        onBlur={() => shared?.writing(undefined)}
      />
      <p class="hint" classList={{ bad: tooLong() }}>
        {tooLong()
          ? `A plan has at most ${LIMITS.actionTextChars} characters.`
          : others().length > 0
            ? `${others().join(', ')} ${others().length === 1 ? 'is' : 'are'} writing in it, too`
            : 'Everyone who may write in this session edits the same text.'}
      </p>
      <div class="row approval-actions">
        <Button look="primary" disabled={tooLong() || text().trim() === ''} onClick={() => void approve()}>
          Approve and start
        </Button>
        <span class="text-12 text-meta">a Develop session on a branch of its own</span>
        <Show when={props.item.detail.action}>
          <Button
            look="quiet"
            class="ml-auto"
            onClick={() => void answerAction(replica, props.item, { kind: 'dismissed' })}
          >
            Dismiss
          </Button>
        </Show>
      </div>
    </div>
  )
}
