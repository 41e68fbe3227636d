import { LIMITS, workspaceLog, type SessionMode, type Toggle, withToggle } from '@coppice/events'
import { useNavigate } from '@solidjs/router'
import { createEffect, createMemo, createResource, createSignal, For, on, Show, type JSX } from 'solid-js'
import { AttachButton, pasteFiles } from '../attachments/attach-button.tsx'
import { useChosenFiles } from '../attachments/chosen-files.ts'
import { ChosenList } from '../attachments/chosen-list.tsx'
import { DropFiles } from '../attachments/drop-files.tsx'
import { useOnceKept } from '../attachments/once-kept.ts'
import { BotChoice } from '../bots/bot-choice.tsx'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { Segmented } from '../parts/segmented.tsx'
import { newSessionBot, setNewSessionIn } from '../frame/frame-state.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { ToggleChips } from '../toggles/toggle-chips.tsx'
import { exampleMessage } from './example-message.ts'
import { ModelChoice } from './model-choice.tsx'
import { ProviderChoice } from './provider-cards.tsx'
import { preselected, providersOf } from './providers.ts'
import { firstAgents, SeveralAgents, type AgentChoice } from './several-agents.tsx'
import { startSessions } from './start-sessions.ts'
import { stepChoices, stepOptions, type StepChoice } from './step-choices.ts'

const LAST_PROVIDER = 'coppice:last-provider'
const KEPT_MESSAGE = 'coppice:new-session-message'

/** Mode, base branch, steps, provider, model and the first message. */
export default function NewSessionDialog(props: { workspaceId: string; onClose: () => void }): JSX.Element {
  const signals = useReplica()
  const { replica } = signals
  const navigate = useNavigate()
  const workspaces = signals.table('workspaces')
  const runners = signals.table('runners')
  const workspace = () => workspaces().get(props.workspaceId)
  const providers = createMemo(() => providersOf(runners().get(workspace()?.runnerId ?? '')))
  const runnerName = () => runners().get(workspace()?.runnerId ?? '')?.name ?? 'no runner'
  const runnerThere = () => (signals.connection(), replica.runnersOnline().includes(workspace()?.runnerId ?? ''))

  const [mode, setMode] = createSignal<SessionMode>(newSessionBot() === undefined ? 'develop' : 'bot')
  const [chosenBot, setChosenBot] = createSignal(newSessionBot())
  const allBots = signals.table('bots')
  const bots = () => [...allBots().values()].filter((one) => one.workspaceId === props.workspaceId && !one.archived)
  const bot = () => (mode() === 'bot' ? (bots().find((one) => one.botId === chosenBot()) ?? bots()[0]) : undefined)
  const [ownToggles, setToggles] = createSignal<readonly Toggle[]>()
  const toggles = () => ownToggles() ?? workspace()?.toggles ?? []
  const [steps, setSteps] = createSignal<StepChoice>('manual')
  const [branch, setBranch] = createSignal<string>()
  const [chosen, setChosen] = createSignal<string>()
  const [chosenModel, setChosenModel] = createSignal<string>()
  /** More than one, where the message goes to several side by side. */
  const [several, setSeveral] = createSignal<readonly AgentChoice[]>()
  const [message, setMessage] = createSignal(sessionStorage.getItem(KEPT_MESSAGE) ?? '')
  const [touched, setTouched] = createSignal(message() !== '')
  const files = useChosenFiles(replica, () => `new:${props.workspaceId}`)
  const onceKept = useOnceKept(files, () => props.workspaceId)
  const [fresh] = createResource(
    () => props.workspaceId,
    (id) => replica.query(workspaceLog(id), { kind: 'repository.branches' }),
  )
  const branches = () => {
    const answer = fresh.state === 'ready' ? fresh() : undefined
    const found = answer?.ok === true ? answer.branches : (workspace()?.branches ?? [])
    const starter = workspace()?.starterBranch ?? ''
    return [...new Set([starter, ...found])].filter((one) => one !== '')
  }
  const base = () => branch() ?? workspace()?.starterBranch ?? ''
  const provider = () =>
    providers().find((one) => one.id === (bot()?.provider ?? chosen())) ??
    preselected(providers(), localStorage.getItem(LAST_PROVIDER) ?? undefined)
  const model = () => {
    const models = provider()?.models ?? []
    return models.find((one) => one.id === (bot()?.model ?? chosenModel()))?.id ?? models[0]?.id ?? ''
  }
  createEffect(
    on(
      () => [provider()?.id, workspace()] as const,
      ([id, row]) => {
        if (!touched()) setMessage(id === 'script' ? exampleMessage(row) : '')
      },
    ),
  )
  const tooLong = () =>
    message().length > LIMITS.messageBytes / 4 && new TextEncoder().encode(message()).length > LIMITS.messageBytes
  const blocked = () => {
    if (workspace()?.status === 'failed') return `The repository could not be prepared: ${workspace()?.failure ?? ''}`
    if (mode() === 'bot' && bot() === undefined) return 'Choose a bot, or another mode.'
    if (provider() === undefined) return 'No provider is there. See what each needs above.'
    if (base() === '') return 'The repository is still being prepared: it has no branch yet.'
    if (tooLong()) return `A message is at most ${LIMITS.messageBytes / 1024} KiB.`
    if (several() && !bot() && message().trim() === '') return 'Write the message that goes to all of them.'
    if (files.list().length > 0 && message().trim() === '') return 'Write what is to be done with the files.'
    return undefined
  }
  const start = async () => {
    const one = provider()
    if (blocked() !== undefined || one === undefined) return
    if (!files.ready()) return onceKept.ask(() => void start())
    const attachments = files.take()
    const place = await startSessions(
      replica,
      {
        workspaceId: props.workspaceId,
        session: {
          mode: mode(),
          ...(bot() && { botId: bot()?.botId }),
          baseBranch: base(),
          ...stepChoices[steps()],
          toggles: [...toggles()],
        },
        text: message(),
        attachments,
      },
      (bot() ? undefined : several()) ?? [{ provider: one.id, model: model() }],
    )
    if (place === undefined) return files.giveBack(attachments)
    localStorage.setItem(LAST_PROVIDER, one.id)
    sessionStorage.removeItem(KEPT_MESSAGE)
    props.onClose()
    navigate(place)
  }
  return (
    <Dialog
      wide
      open
      onClose={props.onClose}
      title="New session"
      aside={
        <>
          <span class="text-meta">in</span>
          <label class="input small !w-auto">
            <select
              aria-label="Workspace"
              value={props.workspaceId}
              onChange={(event) => setNewSessionIn(event.currentTarget.value)}
            >
              <For each={[...workspaces().values()]}>
                {(one) => <option value={one.workspaceId}>{one.name}</option>}
              </For>
            </select>
          </label>
        </>
      }
      footer={
        <>
          <span
            class="cut grow text-12 text-meta"
            classList={{ '!text-failed': blocked() !== undefined }}
            title={blocked()}
          >
            {blocked() ??
              (onceKept.asked() ? 'It starts as soon as the files are kept on this device.' : undefined) ??
              `A worktree and a branch of ${several() ? 'each one’s' : 'its'} own, on ${runnerName()}${runnerThere() ? '' : ' (away now: it starts when the runner is back)'}`}
          </span>
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button look="primary" keys={['Ctrl', '↵']} disabled={blocked() !== undefined} onClick={() => void start()}>
            {several() ? `Start ${several()?.length ?? 0}` : 'Start'}
          </Button>
        </>
      }
    >
      <form
        class="contents"
        onSubmit={(event) => {
          event.preventDefault()
          void start()
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          void start()
        }}
      >
        <div class="flex flex-wrap items-start gap-4">
          <div>
            <span class="field-label">Mode</span>
            <Segmented
              label="Mode"
              value={mode()}
              onChange={setMode}
              options={[
                { value: 'chat', label: 'Chat', icon: 'message', why: 'Ongoing questions; the worktree stays' },
                { value: 'develop', label: 'Develop', icon: 'branch', why: 'One task; closes when it is done' },
                { value: 'bot', label: 'Bot', icon: 'users', why: 'Led by a bot of the workspace; the worktree stays' },
              ]}
            />
          </div>
          <div class="min-w-48 flex-1">
            <Field label="Base branch">
              {(ids) => (
                <div class="input">
                  <Icon name="branch" size="small" />
                  <select
                    id={ids.id}
                    class="mono"
                    value={base()}
                    onChange={(event) => setBranch(event.currentTarget.value)}
                  >
                    <For each={branches()}>
                      {(one) => (
                        <option value={one} selected={one === base()}>
                          {one}
                          {one === workspace()?.starterBranch ? '  (starter)' : ''}
                        </option>
                      )}
                    </For>
                  </select>
                </div>
              )}
            </Field>
          </div>
          <div>
            <span class="field-label">Steps</span>
            <Segmented label="Steps" value={steps()} onChange={setSteps} options={stepOptions} />
          </div>
        </div>
        <Show
          when={mode() !== 'bot'}
          fallback={
            <BotChoice bots={bots()} value={bot()?.botId ?? ''} onChange={setChosenBot} onLeave={props.onClose} />
          }
        >
          <div>
            <div class="row mb-1">
              <span class="field-label grow !mb-0">{several() ? 'Agents' : 'Provider'}</span>
              <Button
                small
                look="quiet"
                aria-pressed={several() !== undefined}
                disabled={provider() === undefined}
                onClick={() => {
                  const one = provider()
                  setSeveral(several() || !one ? undefined : firstAgents(providers(), one))
                }}
              >
                {several() ? 'Only one agent' : 'Run with several agents'}
              </Button>
            </div>
            <Show
              when={several()}
              fallback={<ProviderChoice providers={providers()} value={provider()?.id ?? ''} onChange={setChosen} />}
            >
              {(agents) => <SeveralAgents providers={providers()} agents={agents()} onChange={setSeveral} />}
            </Show>
          </div>
          <Show when={!several()}>
            <ModelChoice models={provider()?.models ?? []} value={model()} onChange={setChosenModel} />
          </Show>
        </Show>
        <Field
          label="First message"
          hint={
            provider()?.id === 'script'
              ? 'Script runs the fenced sh, file and edit blocks of a message, one step each. This one is an example.'
              : several()
                ? 'The same for all of them.'
                : 'Can be left empty: the session then waits for you.'
          }
          error={
            tooLong()
              ? `A message is at most ${LIMITS.messageBytes / 1024} KiB. It is kept here; shorten it.`
              : undefined
          }
        >
          {(ids) => (
            <DropFiles files={files} class="column !gap-1">
              <textarea
                id={ids.id}
                class="input text-14 !leading-[1.375rem]"
                classList={{ mono: provider()?.id === 'script', bad: ids.bad }}
                rows={provider()?.id === 'script' ? 9 : 4}
                aria-describedby={ids.describedBy}
                value={message()}
                autofocus
                onPaste={(event) => pasteFiles(event, files)}
                onInput={(event) => {
                  setMessage(event.currentTarget.value)
                  setTouched(true)
                  sessionStorage.setItem(KEPT_MESSAGE, event.currentTarget.value)
                }}
              />
              <div class="flex items-center">
                <AttachButton files={files} />
                <ChosenList files={files} workspaceId={props.workspaceId} />
              </div>
            </DropFiles>
          )}
        </Field>
        <div>
          <span class="field-label">Toggles</span>
          <ToggleChips
            label="Toggles"
            on={toggles()}
            onChange={(toggle, on) => setToggles(withToggle(toggles(), toggle, on))}
          />
          <p class="hint">The workspace’s defaults; each can be changed at any time, and counts from the next turn.</p>
        </div>
      </form>
    </Dialog>
  )
}
