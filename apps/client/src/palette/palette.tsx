import type { SessionRow } from '@coppice/events'
import { useNavigate, useParams } from '@solidjs/router'
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js'
import {
  setNewSessionIn,
  setOverlay,
  setPanelFolded,
  setPanelTab,
  setTheme,
  switchTheme,
} from '../frame/frame-state.ts'
import type { SessionLists } from '../frame/session-lists.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Popup } from '../parts/overlay.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { glyphOf } from '../session/attention.ts'
import { sessionActions } from '../session/session-actions.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { matchRanges } from './matches.ts'

interface Entry {
  group: string
  label: string
  aside?: string
  icon?: IconName
  session?: SessionRow
  disabled?: boolean
  act: () => void
}

/** So many sessions are listed; typing narrows them. */
const SESSIONS_SHOWN = 12

/** Sessions, actions and settings, found by typing. */
export default function Palette(props: { lists: SessionLists; onClose: () => void }): JSX.Element {
  const signals = useReplica()
  const navigate = useNavigate()
  const params = useParams()
  const workspaces = signals.table('workspaces')
  const sessions = signals.table('sessions')
  const pins = signals.table('pins')
  const [query, setQuery] = createSignal('')
  const [at, setAt] = createSignal(0)
  let list: HTMLDivElement | undefined
  const here = () => sessions().get(params['sessionId'] ?? '')

  const ofSession = (session: SessionRow): Entry[] => {
    const group = 'Actions on this session'
    const pinned = [...pins().values()].some(
      (pin) => pin.userId === signals.replica.userId && pin.sessionId === session.sessionId,
    )
    return [
      ...sessionActions(signals.replica, session, pinned).flatMap((action) =>
        action === null
          ? []
          : [
              {
                group,
                label: action.label,
                act: action.act,
                ...(action.icon && { icon: action.icon }),
                ...(action.disabled && { disabled: true }),
              },
            ],
      ),
      { group, label: 'Show Git', icon: 'branch', act: () => (setPanelFolded(false), setPanelTab('git')) },
      { group, label: 'Show Context', icon: 'gauge', act: () => (setPanelFolded(false), setPanelTab('context')) },
      { group, label: 'Show Session Info', icon: 'info', act: () => (setPanelFolded(false), setPanelTab('info')) },
      { group, label: 'Open a file', icon: 'file', act: () => setOverlay('quickOpen') },
      { group, label: 'Show files', icon: 'folder', act: () => (setPanelFolded(false), setPanelTab('files')) },
      { group, label: 'Search in files', icon: 'search', act: () => (setPanelFolded(false), setPanelTab('search')) },
      ...(session.groupId === undefined
        ? []
        : [
            {
              group,
              label: 'Compare with the others of its prompt',
              icon: 'fork' as const,
              act: () => navigate(`/group/${session.groupId}`),
            },
          ]),
      { group, label: 'Review the diff', icon: 'file', act: () => navigate(`/session/${session.sessionId}/changes`) },
    ]
  }
  const general = (): Entry[] => [
    ...[...workspaces().values()].map((workspace) => ({
      group: 'Actions',
      label: `New session in ${workspace.name}`,
      icon: 'plus' as const,
      act: () => setNewSessionIn(workspace.workspaceId),
    })),
    { group: 'Actions', label: 'Add a repository', icon: 'folder', act: () => navigate('/add') },
    { group: 'Actions', label: 'Search the history', icon: 'search', act: () => navigate('/search') },
    { group: 'Actions', label: 'Inbox', icon: 'inbox', act: () => navigate('/inbox') },
    { group: 'Actions', label: 'Keyboard shortcuts', icon: 'help', act: () => setOverlay('shortcuts') },
    { group: 'Settings', label: 'Switch theme', icon: 'sun', act: () => switchTheme() },
    { group: 'Settings', label: 'Theme as the system', icon: 'sun', act: () => setTheme('system') },
    { group: 'Settings', label: 'Settings', icon: 'sliders', act: () => navigate('/settings') },
    { group: 'Settings', label: 'Members and invitations', icon: 'users', act: () => navigate('/settings/members') },
    { group: 'Settings', label: 'Bots', icon: 'message', act: () => navigate('/settings/bots') },
    { group: 'Settings', label: 'Runners', icon: 'terminal', act: () => navigate('/settings/runners') },
    { group: 'Settings', label: 'Tokens and devices', icon: 'key', act: () => navigate('/settings/tokens') },
  ]
  const entries = createMemo((): Entry[] => {
    const all: Entry[] = props.lists.inOrder().map((session) => ({
      group: 'Sessions',
      label: session.name,
      aside: workspaces().get(session.workspaceId)?.name ?? '',
      session,
      act: () => navigate(`/session/${session.sessionId}`),
    }))
    const session = here()
    if (session) all.push(...ofSession(session))
    all.push(...general())
    return all
  })
  const shown = createMemo(() => {
    const fits = entries().filter((entry) => matchRanges(entry.label, query()) !== undefined)
    let sessionsLeft = SESSIONS_SHOWN
    const text = query().trim()
    const history: Entry = {
      group: 'History',
      label: `Search the history for “${text}”`,
      icon: 'search',
      act: () => navigate(`/search?q=${encodeURIComponent(text)}`),
    }
    return [
      ...fits.filter((entry) => entry.session === undefined || sessionsLeft-- > 0),
      ...(text === '' ? [] : [history]),
    ]
  })
  const choose = (entry: Entry | undefined) => {
    if (entry === undefined || entry.disabled) return
    props.onClose()
    entry.act()
  }
  const move = (step: number) => {
    setAt((n) => Math.min(shown().length - 1, Math.max(0, n + step)))
    list?.querySelector(`#palette-${at()}`)?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <Popup open label="Search and commands" class="palette" onClose={props.onClose}>
      <label class="palette-query row">
        <Icon name="search" />
        <input
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={`palette-${at()}`}
          aria-label="Search sessions and commands"
          placeholder="Search sessions and commands"
          value={query()}
          autofocus
          onInput={(event) => {
            setQuery(event.currentTarget.value)
            setAt(0)
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
              event.preventDefault()
              move(event.key === 'ArrowDown' ? 1 : -1)
            }
            if (event.key === 'Enter') {
              event.preventDefault()
              choose(shown()[at()])
            }
          }}
        />
        <kbd aria-hidden="true">Esc</kbd>
      </label>
      <div ref={list} id="palette-list" class="palette-list" role="listbox" aria-label="Results">
        <For each={shown()}>
          {(entry, index) => (
            <>
              <Show when={shown()[index() - 1]?.group !== entry.group}>
                <div class="menu-head" role="presentation">
                  {entry.group}
                </div>
              </Show>
              <div
                id={`palette-${index()}`}
                class="menu-item"
                role="option"
                aria-selected={index() === at()}
                aria-disabled={entry.disabled}
                onPointerMove={() => setAt(index())}
                onClick={() => choose(entry)}
              >
                <Show when={entry.session} fallback={<Icon name={entry.icon ?? 'chevron-right'} size="small" />}>
                  {(session) => <StatusGlyph kind={glyphOf(session())} />}
                </Show>
                <span class="grow cut">
                  <Marked text={entry.label} query={query()} />
                </span>
                <span class="text-12 text-meta">{entry.aside}</span>
                <Show when={index() === at()}>
                  <Icon name="return" size="small" />
                </Show>
              </div>
            </>
          )}
        </For>
        <Show when={shown().length === 0}>
          <p class="px-2 py-3 text-12 text-meta">Nothing fits “{query()}”.</p>
        </Show>
      </div>
    </Popup>
  )
}

function Marked(props: { text: string; query: string }): JSX.Element {
  const parts = () => {
    const out: { text: string; hit: boolean }[] = []
    let from = 0
    for (const [start, end] of matchRanges(props.text, props.query) ?? []) {
      out.push({ text: props.text.slice(from, start), hit: false }, { text: props.text.slice(start, end), hit: true })
      from = end
    }
    return [...out, { text: props.text.slice(from), hit: false }].filter((part) => part.text !== '')
  }
  return <For each={parts()}>{(part) => (part.hit ? <mark>{part.text}</mark> : part.text)}</For>
}
