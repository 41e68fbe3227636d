import { hookEvents, isOff, LIMITS, newId, WORKSPACE_STREAM, workspaceLog } from '@coppice/events'
import type { HookEvent, HookSettings, WorkspaceHook, WorkspaceRow } from '@coppice/events'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { now } from '../format/clock.tsx'
import { plural } from '../format/numbers.ts'
import { duration, exactTime } from '../format/time.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Switch } from '../parts/switch.tsx'
import { EachWorkspace } from '../settings/each-workspace.tsx'
import { send } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { HookDialog } from './hook-dialog.tsx'
import { eventHints, eventNames, reportNames, workWords } from './hook-words.ts'

/** Session Hooks: what runs by itself at which moment in the life of a workspace's sessions (H-47). */
export function Hooks(): JSX.Element {
  return (
    <>
      <h2 class="text-16 font-semibold">Session Hooks</h2>
      <p class="mb-3 text-supports">
        What runs by itself in a session’s worktree, in order: install at its begin, tests after the agent, lint before
        it is Done. The agent is told of failures only.
      </p>
      <EachWorkspace fallback={<p class="text-meta">There is no workspace yet. Add a repository first.</p>}>
        {(workspace) => <HooksOf workspace={workspace()} />}
      </EachWorkspace>
    </>
  )
}

function HooksOf(props: { workspace: WorkspaceRow }): JSX.Element {
  const { replica, table } = useReplica()
  const members = table('members')
  const [editing, setEditing] = createSignal<WorkspaceHook>()
  const address = () => ({ log: workspaceLog(props.workspace.workspaceId), stream: WORKSPACE_STREAM })
  const role = () => members().get(`${props.workspace.workspaceId}/${replica.userId}`)?.role
  const admin = () => role() === 'owner' || role() === 'admin'
  const settings = () => props.workspace.hooks
  const setOptions = (change: Partial<Pick<HookSettings, 'inChat' | 'doneRetry'>>) => {
    const { inChat = false, doneRetry = false } = settings() ?? {}
    void send(replica, address(), 'workspace.setHookOptions', { inChat, doneRetry, ...change })
  }
  return (
    <section class="mb-6" aria-label={`Hooks of ${props.workspace.name}`}>
      <div class="row mb-2">
        <div class="group-head grow">{props.workspace.name}</div>
        <Switch
          label={`Hooks also in Chat and Bot sessions of ${props.workspace.name}`}
          shown="Also in Chat and Bot sessions"
          on={settings()?.inChat ?? false}
          disabled={!admin()}
          onChange={(inChat) => setOptions({ inChat })}
        />
      </div>
      <For each={hookEvents}>
        {(event) => (
          <HooksOfEvent
            workspace={props.workspace}
            event={event}
            admin={admin()}
            onEdit={setEditing}
            onAdd={() => setEditing(freshHook(event))}
          >
            <Show when={event === 'done'}>
              <Switch
                label={`What fails on Done goes back to the agent in ${props.workspace.name}, up to 3 times`}
                shown="Failure goes back to the agent, up to 3"
                on={settings()?.doneRetry ?? false}
                disabled={!admin()}
                onChange={(doneRetry) => setOptions({ doneRetry })}
              />
            </Show>
          </HooksOfEvent>
        )}
      </For>
      <Show when={editing()} keyed>
        {(hook) => (
          <HookDialog
            hook={hook}
            tasks={props.workspace.tasks ?? []}
            onClose={() => setEditing(undefined)}
            onSave={(changed) => void send(replica, address(), 'workspace.setHook', changed)}
          />
        )}
      </Show>
    </section>
  )
}

const freshHook = (event: HookEvent): WorkspaceHook => ({
  hookId: newId(),
  event,
  name: '',
  work: { kind: 'script', script: '' },
  stopOnFailure: true,
  retries: 0,
  timeoutSeconds: 600,
  report: event === 'cancel' ? 'none' : 'truncated',
  files: [],
  branches: [],
})

function HooksOfEvent(props: {
  workspace: WorkspaceRow
  event: HookEvent
  admin: boolean
  onEdit: (hook: WorkspaceHook) => void
  onAdd: () => void
  children: JSX.Element
}): JSX.Element {
  const { replica } = useReplica()
  const address = () => ({ log: workspaceLog(props.workspace.workspaceId), stream: WORKSPACE_STREAM })
  const list = () => (props.workspace.hooks?.list ?? []).filter((hook) => hook.event === props.event)
  const on = () => !(props.workspace.hooks?.off ?? []).includes(props.event)
  const move = (at: number, by: -1 | 1) => {
    const hookIds = list().map((hook) => hook.hookId)
    const [moved] = hookIds.splice(at, 1)
    if (moved === undefined) return
    hookIds.splice(at + by, 0, moved)
    void send(replica, address(), 'workspace.orderHooks', { event: props.event, hookIds })
  }
  return (
    <section class="hook-event" aria-label={`${eventNames[props.event]} in ${props.workspace.name}`}>
      <header>
        <Switch
          label={`${eventNames[props.event]} in ${props.workspace.name}`}
          on={on()}
          disabled={!props.admin}
          onChange={(next) => void send(replica, address(), 'workspace.switchHooks', { event: props.event, on: next })}
        />
        <span class="font-medium">{eventNames[props.event]}</span>
        <span class="grow min-w-0 text-12 text-meta">{eventHints[props.event]}</span>
        {props.children}
        <Show when={props.admin}>
          <Button
            small
            look="quiet"
            icon="plus"
            aria-label={`Add a hook ${eventNames[props.event]} in ${props.workspace.name}`}
            onClick={() => props.onAdd()}
          >
            Hook
          </Button>
        </Show>
      </header>
      <For each={list()}>
        {(hook, index) => (
          <HookLine
            hook={hook}
            workspace={props.workspace}
            admin={props.admin}
            first={index() === 0}
            last={index() === list().length - 1}
            onMove={(by) => move(index(), by)}
            onEdit={() => props.onEdit(hook)}
          />
        )}
      </For>
    </section>
  )
}

function HookLine(props: {
  hook: WorkspaceHook
  workspace: WorkspaceRow
  admin: boolean
  first: boolean
  last: boolean
  onMove: (by: -1 | 1) => void
  onEdit: () => void
}): JSX.Element {
  const { replica } = useReplica()
  const address = () => ({ log: workspaceLog(props.workspace.workspaceId), stream: WORKSPACE_STREAM })
  const change = (type: 'workspace.removeHook' | 'workspace.resetHook') =>
    void send(replica, address(), type, { hookId: props.hook.hookId })
  /** Until when it is off because it failed and failed. */
  const offUntil = () => {
    const breaker = props.workspace.hooks?.breakers[props.hook.hookId]
    return breaker && isOff(breaker, now()) ? breaker.until : undefined
  }
  return (
    <>
      <Show when={offUntil()}>
        {(until) => (
          <div class="banner failed" role="status">
            <Icon name="warn" size="small" />
            <span class="grow">
              <b>{props.hook.name} is switched off for now.</b> It failed {LIMITS.hookFailures} times or more in a row,
              in {LIMITS.hookFailureSessions} sessions or more. It runs again from {exactTime(until())}, or when you
              change it.
            </span>
            <Show when={props.admin}>
              <Button small onClick={() => change('workspace.resetHook')}>
                Reset now
              </Button>
            </Show>
          </div>
        )}
      </Show>
      <div class="hook-line" role="group" aria-label={props.hook.name}>
        <Icon name={props.hook.work.kind === 'task' ? 'tasks' : 'terminal'} size="small" />
        <span class="what">
          <span class="cut">{props.hook.name}</span>
          <code class="cut text-12 text-meta" title={props.hook.work.kind === 'script' ? props.hook.work.script : ''}>
            {workWords(props.hook)}
          </code>
          <For each={[...props.hook.files, ...props.hook.branches].slice(0, 3)}>
            {(pattern) => <span class="badge">{pattern}</span>}
          </For>
        </span>
        <span class="fact text-supports">{plural(props.hook.retries, 'retry', 'retries')}</span>
        <span class="fact text-supports">{duration(props.hook.timeoutSeconds * 1_000)}</span>
        <span class="fact text-supports" title="What of its output is sent when it fails">
          {reportNames[props.hook.report]}
        </span>
        <span class="tools">
          <Show when={props.admin}>
            <Show when={!props.first}>
              <IconButton icon="chevron-up" label={`Run ${props.hook.name} earlier`} onClick={() => props.onMove(-1)} />
            </Show>
            <Show when={!props.last}>
              <IconButton icon="chevron-down" label={`Run ${props.hook.name} later`} onClick={() => props.onMove(1)} />
            </Show>
            <IconButton icon="pencil" label={`Change ${props.hook.name}`} onClick={() => props.onEdit()} />
            <IconButton
              icon="close"
              label={`Remove ${props.hook.name}`}
              onClick={() => change('workspace.removeHook')}
            />
          </Show>
        </span>
      </div>
    </>
  )
}
