import { botStream, newId, workspaceLog, type BotRow, type WorkspaceRow } from '@coppice/events'
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js'
import { startIn } from '../frame/frame-state.ts'
import { Button } from '../parts/button.tsx'
import { ProviderMark, providerName } from '../parts/provider-mark.tsx'
import { providersOf } from '../start/providers.ts'
import { send } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { BotForm, type BotWords } from './bot-form.tsx'

/** The bots of each workspace: made, changed and archived by its admins, talked to by its members. */
export function Bots(): JSX.Element {
  const workspaces = useReplica().table('workspaces')
  return (
    <>
      <h2 class="text-16 font-semibold">Bots</h2>
      <p class="mb-3 text-supports">
        A bot is an agent that knows what it is for. A session with it lasts, like a Chat, and has a worktree of its
        own.
      </p>
      <For
        each={[...workspaces().values()]}
        fallback={<p class="text-meta">There is no workspace yet. Add a repository first.</p>}
      >
        {(workspace) => <BotsOf workspace={workspace} />}
      </For>
    </>
  )
}

function BotsOf(props: { workspace: WorkspaceRow }): JSX.Element {
  const signals = useReplica()
  const bots = signals.table('bots')
  const members = signals.table('members')
  const runners = signals.table('runners')
  /** The bot whose form is open; null for a new one. */
  const [open, setOpen] = createSignal<BotRow | null>()
  const rows = createMemo(() =>
    [...bots().values()]
      .filter((one) => one.workspaceId === props.workspace.workspaceId)
      .sort((a, b) => Number(a.archived) - Number(b.archived) || a.createdAt - b.createdAt),
  )
  const admin = () => {
    const role = members().get(`${props.workspace.workspaceId}/${signals.replica.userId}`)?.role
    return role === 'owner' || role === 'admin'
  }
  const address = (botId: string) => ({ log: workspaceLog(props.workspace.workspaceId), stream: botStream(botId) })
  const save = (words: BotWords) => {
    const before = open()
    if (before) void send(signals.replica, address(before.botId), 'bot.edit', words)
    else {
      const botId = newId()
      const { workspaceId } = props.workspace
      void send(signals.replica, address(botId), 'bot.create', { botId, workspaceId, ...words })
    }
  }
  return (
    <section class="mb-6" aria-label={`Bots of ${props.workspace.name}`}>
      <div class="group-head">
        <span class="grow">{props.workspace.name}</span>
        <Show when={admin()}>
          <Button small icon="plus" onClick={() => setOpen(null)}>
            New bot
          </Button>
        </Show>
      </div>
      <Show when={rows().length > 0} fallback={<p class="text-12 text-meta">No bots.</p>}>
        <ul class="list">
          <For each={rows()}>
            {(bot) => (
              <li class="list-row">
                <ProviderMark provider={bot.provider} />
                <span class="row">
                  <span class="cut font-medium" classList={{ 'text-meta': bot.archived }}>
                    {bot.name}
                  </span>
                  <Show when={bot.archived}>
                    <span class="badge">archived</span>
                  </Show>
                </span>
                <span class="row !gap-1">
                  <Show when={!bot.archived}>
                    <Button small onClick={() => startIn(bot.workspaceId, bot.botId)}>
                      Talk to it
                    </Button>
                  </Show>
                  <Show when={admin()}>
                    <Show when={!bot.archived}>
                      <Button small look="quiet" aria-label={`Edit ${bot.name}`} onClick={() => setOpen(bot)}>
                        Edit
                      </Button>
                    </Show>
                    <Button
                      small
                      look="quiet"
                      aria-label={bot.archived ? `Bring ${bot.name} back` : `Archive ${bot.name}`}
                      onClick={() =>
                        void send(signals.replica, address(bot.botId), 'bot.archive', { archived: !bot.archived })
                      }
                    >
                      {bot.archived ? 'Bring back' : 'Archive'}
                    </Button>
                  </Show>
                </span>
                <span class="below text-12 text-meta">
                  {providerName(bot.provider)} {bot.model === bot.provider ? '' : bot.model},{' '}
                  {bot.readOnly ? 'only reads' : 'may change files'}
                </span>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={open() !== undefined}>
        <BotForm
          bot={open() ?? undefined}
          providers={providersOf(runners().get(props.workspace.runnerId))}
          onSave={save}
          onClose={() => setOpen(undefined)}
        />
      </Show>
    </section>
  )
}
