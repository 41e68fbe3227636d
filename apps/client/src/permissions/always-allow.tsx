import {
  LIMITS,
  newId,
  patternProblem,
  proposedPattern,
  ruleAllows,
  WORKSPACE_STREAM,
  workspaceLog,
  type ItemRow,
} from '@coppice/events'
import { createSignal, createUniqueId, Show, type JSX } from 'solid-js'
import type { Answering } from '../approvals/use-approval.ts'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { send, sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { kindWord } from './permission-words.ts'

/** Opens what makes a lasting rule of a step that waits. */
export function AlwaysAllow(props: { approval: Answering; small: boolean }): JSX.Element {
  const [open, setOpen] = createSignal(false)
  return (
    <>
      <Button small={props.small} look="quiet" onClick={() => setOpen(true)}>
        Always allow…
      </Button>
      <Show when={open()}>
        <RuleDialog approval={props.approval} onClose={() => setOpen(false)} />
      </Show>
    </>
  )
}

/** A step as a rule sees it: paths of approvals are relative to the worktree where they are inside. */
function stepOf({ detail }: ItemRow) {
  const family = detail.family ?? 'other'
  const target = detail.target ?? ''
  const isPath = family !== 'run' && family !== 'fetch' && family !== 'other' && family !== 'agent'
  return { family, target: target === '' ? (detail.title ?? '') : target, paths: isPath ? [target] : [] }
}

function RuleDialog(props: { approval: Answering; onClose: () => void }): JSX.Element {
  const signals = useReplica()
  const { replica } = signals
  const members = signals.table('members')
  const name = createUniqueId()
  const item = () => props.approval.item
  const step = () => stepOf(item())
  const [pattern, setPattern] = createSignal(proposedPattern(step()))
  const [wide, setWide] = createSignal(false)
  const admin = () => {
    const role = members().get(`${item().workspaceId}/${replica.userId}`)?.role
    return role === 'owner' || role === 'admin'
  }
  const problem = () =>
    patternProblem(step().family, pattern()) ??
    (ruleAllows({ family: step().family, pattern: pattern().trim() }, step())
      ? undefined
      : 'This would not allow the step that waits.')
  const allow = async (): Promise<void> => {
    if (problem() !== undefined) return
    const rule = { ruleId: newId(), family: step().family, pattern: pattern().trim() }
    const workspace = { log: workspaceLog(item().workspaceId), stream: WORKSPACE_STREAM }
    const taken = wide()
      ? await send(replica, workspace, 'workspace.addRule', rule)
      : await sendToSession(replica, item(), 'session.addRule', rule)
    if (!taken) return
    props.onClose()
    props.approval.answer('allow_once')
  }
  return (
    <Dialog
      open
      title="Always allow"
      onClose={props.onClose}
      footer={
        <>
          <span class="grow" />
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button look="primary" disabled={problem() !== undefined} onClick={() => void allow()}>
            Always allow
          </Button>
        </>
      }
    >
      <form
        class="column !gap-3"
        onKeyDown={(event) => event.stopPropagation()}
        onSubmit={(event) => {
          event.preventDefault()
          void allow()
        }}
      >
        <Field
          label={`Steps of this kind: ${kindWord(step().family)}`}
          error={problem()}
          hint={
            step().family === 'run'
              ? 'A * at the end takes any arguments, but never a second command: && ; | and the like are always asked.'
              : '* stands for anything within a folder, ** also for folders.'
          }
        >
          {(ids) => (
            <input
              id={ids.id}
              class="input mono"
              classList={{ bad: ids.bad }}
              aria-describedby={ids.describedBy}
              maxLength={LIMITS.rulePatternChars}
              autofocus
              value={pattern()}
              onInput={(event) => setPattern(event.currentTarget.value)}
            />
          )}
        </Field>
        <fieldset class="column !gap-1">
          <legend class="field-label">Where</legend>
          <label class="row">
            <input type="radio" name={name} checked={!wide()} onChange={() => setWide(false)} />
            In this session
          </label>
          <label class="row" classList={{ 'text-meta': !admin() }}>
            <input type="radio" name={name} checked={wide()} disabled={!admin()} onChange={() => setWide(true)} />
            In all sessions of the workspace
            <Show when={!admin()}>
              <span class="text-12">(an admin can)</span>
            </Show>
          </label>
        </fieldset>
        <p class="hint">
          Rules are listed in Session Info and in the settings of the workspace, and can be taken back there.
        </p>
      </form>
    </Dialog>
  )
}
