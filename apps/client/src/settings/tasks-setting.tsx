import {
  LIMITS,
  newId,
  taskKinds,
  WORKSPACE_STREAM,
  workspaceLog,
  workspaceTaskSchema,
  type TaskKind,
  type WorkspaceRow,
  type WorkspaceTask,
} from '@coppice/events'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { Segmented } from '../parts/segmented.tsx'
import { TextField } from '../parts/text-field.tsx'
import { send } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { kindIcons } from '../tasks/tasks-tab.tsx'

const kindWords: Record<TaskKind, string> = { build: 'Build', test: 'Test', start: 'Start' }

/** What the sessions of a workspace can run (TR-1), and whether people may open terminals in them. */
export function TasksSetting(props: { workspace: WorkspaceRow; admin: boolean }): JSX.Element {
  const { replica } = useReplica()
  const [editing, setEditing] = createSignal<WorkspaceTask>()
  const address = () => ({ log: workspaceLog(props.workspace.workspaceId), stream: WORKSPACE_STREAM })
  const fresh = (): WorkspaceTask => ({
    taskId: newId(),
    name: '',
    kind: 'test',
    folder: '',
    script: '',
    environment: [],
  })
  return (
    <>
      <span class="field-label mt-4">Tasks</span>
      <Show
        when={(props.workspace.tasks ?? []).length > 0}
        fallback={<p class="text-12 text-meta">None. A task is a script that people start in a session’s worktree.</p>}
      >
        <ul class="rule-list" aria-label={`Tasks of ${props.workspace.name}`}>
          <For each={props.workspace.tasks}>
            {(task) => (
              <li>
                <Icon name={kindIcons[task.kind]} size="small" />
                <span class="flex-none">{task.name}</span>
                <code class="cut grow" title={task.script}>
                  {task.script}
                </code>
                <Show when={props.admin}>
                  <IconButton icon="pencil" label={`Change ${task.name}`} onClick={() => setEditing(task)} />
                  <IconButton
                    icon="close"
                    label={`Remove ${task.name}`}
                    onClick={() => void send(replica, address(), 'workspace.removeTask', { taskId: task.taskId })}
                  />
                </Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={props.admin}>
        <Button small class="mt-2" icon="plus" onClick={() => setEditing(fresh())}>
          Add a task
        </Button>
      </Show>
      <span class="field-label mt-4">Terminals</span>
      <Segmented
        label={`Terminals in ${props.workspace.name}`}
        value={(props.workspace.terminals ?? true) ? 'on' : 'off'}
        disabled={!props.admin}
        onChange={(value) => void send(replica, address(), 'workspace.setTerminals', { allowed: value === 'on' })}
        options={[
          { value: 'on', label: 'Members may open them' },
          { value: 'off', label: 'Off' },
        ]}
      />
      <Show when={editing()} keyed>
        {(task) => (
          <TaskDialog
            task={task}
            onClose={() => setEditing(undefined)}
            onSave={(changed) => void send(replica, address(), 'workspace.setTask', changed)}
          />
        )}
      </Show>
    </>
  )
}

/** `NAME=value`, a line each. */
const environmentOf = (text: string): WorkspaceTask['environment'] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const at = line.indexOf('=')
      return at < 0 ? { name: line.trim(), value: '' } : { name: line.slice(0, at).trim(), value: line.slice(at + 1) }
    })

function TaskDialog(props: {
  task: WorkspaceTask
  onClose: () => void
  onSave: (task: WorkspaceTask) => void
}): JSX.Element {
  const [name, setName] = createSignal(props.task.name)
  const [kind, setKind] = createSignal(props.task.kind)
  const [folder, setFolder] = createSignal(props.task.folder)
  const [script, setScript] = createSignal(props.task.script)
  const [variables, setVariables] = createSignal(
    props.task.environment.map((one) => `${one.name}=${one.value}`).join('\n'),
  )
  const checked = () =>
    workspaceTaskSchema.safeParse({
      taskId: props.task.taskId,
      name: name(),
      kind: kind(),
      folder: folder().trim(),
      script: script(),
      environment: environmentOf(variables()),
    })
  const problemAt = (field: string) => {
    const { error } = checked()
    return error?.issues.find((issue) => issue.path[0] === field)?.message
  }
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
      title={props.task.name === '' ? 'New task' : `Task ${props.task.name}`}
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
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <TextField label="Name" maxLength={LIMITS.nameChars} value={name()} onInput={setName} />
        <Segmented
          label="Kind"
          value={kind()}
          onChange={setKind}
          options={taskKinds.map((value) => ({ value, label: kindWords[value], icon: kindIcons[value] }))}
        />
        <TextField
          label="Script"
          hint="Given to sh in the worktree."
          rows={4}
          mono
          maxLength={LIMITS.taskScriptChars}
          value={script()}
          onInput={setScript}
        />
        <TextField
          label="Folder"
          hint="Inside the worktree; empty for its top."
          mono
          value={folder()}
          onInput={setFolder}
        />
        <TextField
          label="Variables"
          error={variables() === '' ? undefined : problemAt('environment')}
          hint="NAME=value, a line each. Secrets have a page of their own. $COPPICE_PORT is the first of ten ports of the session."
          rows={2}
          mono
          value={variables()}
          onInput={setVariables}
        />
      </form>
    </Dialog>
  )
}
