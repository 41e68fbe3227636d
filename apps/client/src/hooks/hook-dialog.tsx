import { hookEvents, hookReports, hookSchema, LIMITS } from '@coppice/events'
import type { WorkspaceHook, WorkspaceTask } from '@coppice/events'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { Segmented } from '../parts/segmented.tsx'
import { TextField } from '../parts/text-field.tsx'
import { eventHints, eventNames, reportNames } from './hook-words.ts'

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** A hook, made or changed. */
export function HookDialog(props: {
  hook: WorkspaceHook
  tasks: readonly WorkspaceTask[]
  onClose: () => void
  onSave: (hook: WorkspaceHook) => void
}): JSX.Element {
  const { hook } = props
  const [name, setName] = createSignal(hook.name)
  const [event, setEvent] = createSignal(hook.event)
  const [kind, setKind] = createSignal(hook.work.kind)
  const [script, setScript] = createSignal(hook.work.kind === 'script' ? hook.work.script : '')
  const [task, setTask] = createSignal(hook.work.kind === 'task' ? hook.work.task : (props.tasks[0]?.name ?? ''))
  const [stop, setStop] = createSignal(hook.stopOnFailure)
  const [retries, setRetries] = createSignal(String(hook.retries))
  const [timeout, setSeconds] = createSignal(String(hook.timeoutSeconds))
  const [report, setReport] = createSignal(hook.report)
  const [files, setFiles] = createSignal(hook.files.join('\n'))
  const [branches, setBranches] = createSignal(hook.branches.join('\n'))
  const work = () => (kind() === 'task' ? { kind: 'task', task: task() } : { kind: 'script', script: script() })
  /** What it runs names it, where nobody gave it a name. */
  const called = () => name().trim() || (kind() === 'task' ? task() : (linesOf(script())[0] ?? '')).slice(0, 60)
  const checked = () =>
    hookSchema.safeParse({
      hookId: hook.hookId,
      event: event(),
      name: called(),
      work: work(),
      stopOnFailure: stop(),
      retries: Number(retries()),
      timeoutSeconds: Number(timeout()),
      report: report(),
      files: linesOf(files()),
      branches: linesOf(branches()),
    })
  const problemAt = (field: string) => checked().error?.issues.find((issue) => issue.path[0] === field)?.message
  const save = () => {
    const { data } = checked()
    if (!data) return
    props.onSave(data)
    props.onClose()
  }
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={hook.name === '' ? 'New hook' : `Hook ${hook.name}`}
      footer={
        <>
          <span class="grow" />
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button look="primary" disabled={!checked().success} onClick={save}>
            Save
          </Button>
        </>
      }
    >
      <form
        class="column"
        onSubmit={(submitted) => {
          submitted.preventDefault()
          save()
        }}
      >
        <Field label="When" hint={eventHints[event()]}>
          {(ids) => (
            <select
              id={ids.id}
              class="input"
              aria-describedby={ids.describedBy}
              value={event()}
              onChange={(changed) => {
                const chosen = hookEvents.find((one) => one === changed.currentTarget.value)
                if (chosen) setEvent(chosen)
              }}
            >
              <For each={hookEvents}>{(one) => <option value={one}>{eventNames[one]}</option>}</For>
            </select>
          )}
        </Field>
        <Segmented
          label="What it runs"
          value={kind()}
          onChange={setKind}
          options={[
            { value: 'script', label: 'A script', icon: 'terminal' },
            {
              value: 'task',
              label: 'A task of the workspace',
              icon: 'tasks',
              ...(props.tasks.length === 0 && { disabled: true, why: 'The workspace has no tasks yet' }),
            },
          ]}
        />
        <Show
          when={kind() === 'task'}
          fallback={
            <TextField
              label="Script"
              hint="Given to sh in the worktree. $COPPICE_HOOK says at which moment."
              rows={4}
              mono
              maxLength={LIMITS.taskScriptChars}
              value={script()}
              onInput={setScript}
            />
          }
        >
          <Field label="Task" hint="As it is when the hook runs; its variables and folder count.">
            {(ids) => (
              <select
                id={ids.id}
                class="input"
                aria-describedby={ids.describedBy}
                value={task()}
                onChange={(changed) => setTask(changed.currentTarget.value)}
              >
                <Show when={!props.tasks.some((one) => one.name === task())}>
                  <option value={task()}>{task()} (gone)</option>
                </Show>
                <For each={props.tasks}>{(one) => <option value={one.name}>{one.name}</option>}</For>
              </select>
            )}
          </Field>
        </Show>
        <TextField
          label="Name"
          hint={name().trim() === '' && called() !== '' ? `Shown as “${called()}”.` : undefined}
          maxLength={LIMITS.nameChars}
          value={name()}
          onInput={setName}
        />
        <div class="row !items-start">
          <TextField
            label="Retries"
            error={problemAt('retries')}
            hint={`0 to ${LIMITS.hookRetries}`}
            range={[0, LIMITS.hookRetries]}
            value={retries()}
            onInput={setRetries}
          />
          <TextField
            label="Timeout in seconds"
            error={problemAt('timeoutSeconds')}
            hint={`1 to ${LIMITS.hookTimeoutSeconds}, for each attempt`}
            range={[1, LIMITS.hookTimeoutSeconds]}
            value={timeout()}
            onInput={setSeconds}
          />
        </div>
        <span class="field-label !mb-0">Output sent as a message when it fails</span>
        <Segmented
          label="Output sent as a message when it fails"
          value={report()}
          onChange={setReport}
          options={hookReports.map((value) => ({ value, label: reportNames[value] }))}
        />
        <label class="row">
          <input type="checkbox" checked={stop()} onChange={(changed) => setStop(changed.currentTarget.checked)} />
          <span>When it fails, those after it do not run</span>
        </label>
        <Show when={event() !== 'init'}>
          <TextField
            label="Only if files changed"
            error={problemAt('files')}
            hint="Patterns as in .gitignore, one a line (src/**), against the branch point. Empty: always."
            rows={2}
            mono
            value={files()}
            onInput={setFiles}
          />
        </Show>
        <TextField
          label="Only for starter branches"
          error={problemAt('branches')}
          hint="Globs, one a line: main, release/*. Empty: all."
          rows={2}
          mono
          value={branches()}
          onInput={setBranches}
        />
      </form>
    </Dialog>
  )
}
