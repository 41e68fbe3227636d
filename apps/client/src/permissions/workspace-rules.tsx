import { LIMITS, newId, patternProblem, WORKSPACE_STREAM, workspaceLog, type WorkspaceRow } from '@coppice/events'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { send } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { kindWord } from './permission-words.ts'
import { RuleList } from './rule-list.tsx'

const families = ['run', 'edit', 'delete', 'fetch', 'other'] as const

/** The lasting rules of all sessions of a workspace: listed, made and taken back by its admins. */
export function WorkspaceRules(props: { workspace: WorkspaceRow; admin: boolean }): JSX.Element {
  const { replica } = useReplica()
  const [family, setFamily] = createSignal<(typeof families)[number]>('run')
  const [pattern, setPattern] = createSignal('')
  const address = () => ({ log: workspaceLog(props.workspace.workspaceId), stream: WORKSPACE_STREAM })
  const problem = () => (pattern().trim() === '' ? undefined : patternProblem(family(), pattern()))
  const add = (): void => {
    if (pattern().trim() === '' || problem() !== undefined) return
    const rule = { ruleId: newId(), family: family(), pattern: pattern().trim() }
    setPattern('')
    void send(replica, address(), 'workspace.addRule', rule)
  }
  return (
    <>
      <span class="field-label mt-4">Steps that are always allowed</span>
      <Show
        when={(props.workspace.rules ?? []).length > 0}
        fallback={<p class="text-12 text-meta">None: in Manual each step that changes something waits for somebody.</p>}
      >
        <RuleList
          label={`Rules of ${props.workspace.name}`}
          rules={props.workspace.rules ?? []}
          onRemove={
            props.admin ? (ruleId) => void send(replica, address(), 'workspace.removeRule', { ruleId }) : undefined
          }
        />
      </Show>
      <Show when={props.admin}>
        <form
          class="row mt-2"
          onSubmit={(event) => {
            event.preventDefault()
            add()
          }}
        >
          <label class="input small !w-auto">
            <select
              aria-label={`Kind of step in ${props.workspace.name}`}
              value={family()}
              onChange={(event) => setFamily(families.find((one) => one === event.currentTarget.value) ?? 'run')}
            >
              <For each={families}>{(one) => <option value={one}>{kindWord(one)}</option>}</For>
            </select>
          </label>
          <input
            class="input small mono grow"
            classList={{ bad: problem() !== undefined }}
            aria-label={`Pattern of a new rule in ${props.workspace.name}`}
            placeholder="pnpm test *"
            maxLength={LIMITS.rulePatternChars}
            value={pattern()}
            onInput={(event) => setPattern(event.currentTarget.value)}
          />
          <Button small type="submit" disabled={pattern().trim() === '' || problem() !== undefined}>
            Allow
          </Button>
        </form>
        <p class="hint" classList={{ bad: problem() !== undefined }} role={problem() ? 'alert' : undefined}>
          {problem() ?? 'A * at the end takes any arguments, but never a second command.'}
        </p>
      </Show>
    </>
  )
}
