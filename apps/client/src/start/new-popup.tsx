import { useNavigate } from '@solidjs/router'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { setNewSessionIn, startIn } from '../frame/frame-state.ts'
import { arrowStep } from '../parts/arrow-step.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Popup } from '../parts/overlay.tsx'
import { useReplica } from '../sync/replica-context.tsx'

interface Start {
  title: string
  about: string
  icon: IconName
  act: () => void
}

/** What can be started, found by typing. */
export default function NewPopup(props: { onClose: () => void }): JSX.Element {
  const signals = useReplica()
  const workspaces = signals.table('workspaces')
  const bots = signals.table('bots')
  const navigate = useNavigate()
  const [query, setQuery] = createSignal('')
  let cards: HTMLDivElement | undefined
  const starts = (): Start[] => [
    ...[...workspaces().values()].map((workspace) => ({
      title: 'New session',
      about: `Chat or Develop in ${workspace.name}`,
      icon: 'plus' as const,
      act: () => setNewSessionIn(workspace.workspaceId),
    })),
    ...[...bots().values()]
      .filter((bot) => !bot.archived)
      .map((bot) => ({
        title: bot.name,
        about: `A bot of ${workspaces().get(bot.workspaceId)?.name ?? 'a workspace'}`,
        icon: 'message' as const,
        act: () => startIn(bot.workspaceId, bot.botId),
      })),
    { title: 'Add a repository', about: 'Path or Git URL', icon: 'folder', act: () => navigate('/add') },
    {
      title: 'Invite somebody',
      about: 'A link for a workspace',
      icon: 'users',
      act: () => navigate('/settings/members'),
    },
  ]
  const shown = () => starts().filter((start) => start.title.toLowerCase().includes(query().trim().toLowerCase()))
  const choose = (start: Start | undefined) => {
    if (start === undefined) return
    props.onClose()
    start.act()
  }
  const walk = (event: KeyboardEvent) => {
    const step = arrowStep(event)
    if (step === 0 || (event.target instanceof HTMLInputElement && event.key !== 'ArrowDown')) return
    const all = [...(cards?.querySelectorAll<HTMLElement>('.card') ?? [])]
    const next = all[Math.max(0, all.findIndex((card) => card === document.activeElement) + step)]
    if (next === undefined) return
    event.preventDefault()
    next.focus()
  }
  return (
    <Popup open beside label="New" class="popup" onClose={props.onClose}>
      <div class="p-2" onKeyDown={walk}>
        <label class="input">
          <Icon name="search" size="small" />
          <input
            placeholder="Start something"
            aria-label="Start something"
            value={query()}
            autofocus
            onInput={(event) => setQuery(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Enter' && choose(shown()[0])}
          />
          <kbd aria-hidden="true">Esc</kbd>
        </label>
        <div class="side-head">Actions</div>
        <div ref={cards} class="cards">
          <For each={shown()}>
            {(start) => (
              <button type="button" class="card" onClick={() => choose(start)}>
                <Icon name={start.icon} />
                <span class="font-medium cut">{start.title}</span>
                <span class="about">{start.about}</span>
              </button>
            )}
          </For>
        </div>
        <Show when={shown().length === 0}>
          <p class="px-2 py-3 text-12 text-meta">Nothing fits “{query()}”.</p>
        </Show>
      </div>
    </Popup>
  )
}
