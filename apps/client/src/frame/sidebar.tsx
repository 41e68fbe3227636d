import type { SessionRow } from '@coppice/events'
import { A, useLocation, useNavigate } from '@solidjs/router'
import { createSignal, For, onCleanup, Show, type JSX } from 'solid-js'
import { count } from '../format/numbers.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Menu } from '../parts/menu.tsx'
import { Avatar } from '../parts/people.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { glyphOf, glyphWord } from '../session/attention.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { closedGroups, setClosedGroups, setOverlay, setSideFolded, setSideOver, switchTheme } from './frame-state.ts'
import { GroupRowLink } from './group-row.tsx'
import { isGroup, useGrouped, type GroupEntry } from './grouped.ts'
import { SessionRowLink } from './session-row.tsx'
import {
  nameFilter,
  setNameFilter,
  setStatusFilter,
  statusFilter,
  type SessionLists,
  type StatusFilter,
} from './session-lists.ts'

const statusWords: Record<StatusFilter, string> = { all: 'All', active: 'Active', completed: 'Completed' }

/** New, Inbox, then sessions: pinned ones, and by workspace with the newest activity first. */
export function Sidebar(props: { lists: SessionLists }): JSX.Element {
  const signals = useReplica()
  const users = signals.table('users')
  const workspaces = signals.table('workspaces')
  const location = useLocation()
  const me = () => ({ id: signals.replica.userId, name: users().get(signals.replica.userId)?.name ?? 'me' })
  const current = (path: string) => (location.pathname === path ? ('page' as const) : undefined)
  return (
    <nav class="side" aria-label="Sessions" onClick={() => setSideOver(false)}>
      <div class="side-top">
        <A href="/" class="row grow" aria-label="Coppice, home">
          <span class="logo">
            <Icon name="coppice" />
          </span>
          <b class="wide-page-only font-medium">Coppice</b>
          <b class="phone-only text-16 font-medium">Sessions</b>
        </A>
        <IconButton icon="search" label="Search and commands, Ctrl K" large onClick={() => setOverlay('palette')} />
        <IconButton
          icon="sidebar"
          label="Fold sidebar"
          large
          class="wide-page-only"
          onClick={() => setSideFolded(true)}
        />
        <Button look="primary" icon="plus" class="phone-only" onClick={() => setOverlay('new')}>
          New
        </Button>
      </div>
      <div class="px-2 pb-1">
        <button type="button" class="nav-row wide-page-only" onClick={() => setOverlay('new')} aria-keyshortcuts="c">
          <Icon name="plus" />
          <span class="grow">New</span>
          <kbd aria-hidden="true">C</kbd>
        </button>
        <A href="/search" class="nav-row" aria-current={current('/search')} aria-keyshortcuts="Control+Shift+F">
          <Icon name="search" />
          <span class="grow">Search</span>
          <kbd aria-hidden="true" class="wide-page-only">
            /
          </kbd>
        </A>
        <A href="/inbox" class="nav-row wide-page-only" aria-current={current('/inbox')}>
          <Icon name="inbox" />
          <span class="grow">Inbox</span>
          <Show when={props.lists.needing().length > 0}>
            <span class="count needs">
              {count(props.lists.needing().length)}
              <span class="sr-only"> need you</span>
            </span>
          </Show>
        </A>
      </div>
      <div class="side-scroll" onKeyDown={(event) => walk(event)}>
        <Show
          when={workspaces().size > 0}
          fallback={
            <Show when={signals.connection().complete}>
              <p class="px-2 pt-3 text-12 text-meta">Sessions stand here once there is a repository to work in.</p>
              <A class="button primary phone-only mx-2 mt-3" href="/add">
                Add a repository
              </A>
            </Show>
          }
        >
          <Filters />
        </Show>
        <Show when={props.lists.pinned().length > 0}>
          <Group id="pinned" name="Pinned" count={undefined}>
            <SessionRows rows={props.lists.pinned()} fallback={null} />
          </Group>
        </Show>
        <For each={props.lists.groups()}>
          {(group) => (
            <Group id={group.workspace.workspaceId} name={group.workspace.name} count={group.sessions().length}>
              <GroupedRows
                rows={group.sessions()}
                fallback={
                  <p class="px-2 py-1 text-12 text-meta">
                    {nameFilter() || statusFilter() !== 'all' ? 'No session fits the filter.' : 'No sessions yet.'}
                  </p>
                }
              />
            </Group>
          )}
        </For>
      </div>
      <div class="side-foot">
        <Avatar person={me()} />
        <span class="grow cut">{me().name}</span>
        <RunnersWord />
        <IconButton icon="sun" label="Switch theme" onClick={() => switchTheme()} />
        <A href="/settings" class="button quiet small square" aria-label="Settings" title="Settings">
          <Icon name="sliders" size="small" />
        </A>
      </div>
    </nav>
  )
}

/** Rows that stand in the page at first; more come when the end of them is scrolled to. */
const ROWS_AT_FIRST = 60
const ROWS_MORE = 120

/** The rows of a list that may be thousands long: those that were scrolled to. */
function SessionRows(props: { rows: readonly (SessionRow | GroupEntry)[]; fallback: JSX.Element }): JSX.Element {
  const [mounted, setMounted] = createSignal(ROWS_AT_FIRST)
  const more = (end: HTMLElement): void => {
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setMounted((n) => n + ROWS_MORE),
      { rootMargin: '600px' },
    )
    observer.observe(end)
    onCleanup(() => observer.disconnect())
  }
  return (
    <>
      <For each={props.rows.slice(0, mounted())} fallback={props.fallback}>
        {(row) =>
          isGroup(row) ? (
            <GroupRowLink groupId={row.groupId} sessions={row.members()} />
          ) : (
            <SessionRowLink session={row} />
          )
        }
      </For>
      {/* By number, because an end that stays in view after more rows have come would not be told of again. */}
      <For each={mounted() < props.rows.length ? [mounted()] : []}>
        {() => <div ref={more} class="h-px" aria-hidden="true" />}
      </For>
    </>
  )
}

/** The same, with each group of sessions as one. */
function GroupedRows(props: { rows: readonly SessionRow[]; fallback: JSX.Element }): JSX.Element {
  const entries = useGrouped(() => props.rows)
  return <SessionRows rows={entries()} fallback={props.fallback} />
}

function Filters(): JSX.Element {
  return (
    <div class="row flex-wrap !gap-1 px-2 pt-2 pb-1">
      <label class="input small min-w-24 flex-1">
        <Icon name="search" size="small" />
        <input
          type="search"
          placeholder="Find by name"
          aria-label="Find sessions by name"
          value={nameFilter()}
          onInput={(event) => setNameFilter(event.currentTarget.value)}
        />
      </label>
      <Menu
        label={`Status: ${statusWords[statusFilter()]}`}
        class={`chip ${statusFilter() === 'all' ? '' : 'on'}`}
        trigger={
          <>
            {statusFilter() === 'all' ? 'Status' : statusWords[statusFilter()]}
            <Icon name="chevron-down" />
          </>
        }
        items={(['all', 'active', 'completed'] as const).map((value) => ({
          label: statusWords[value],
          checked: statusFilter() === value,
          act: () => setStatusFilter(value),
        }))}
      />
    </div>
  )
}

function Group(props: { id: string; name: string; count: number | undefined; children: JSX.Element }): JSX.Element {
  const closed = () => closedGroups().includes(props.id)
  const toggle = () => setClosedGroups((all) => (closed() ? all.filter((id) => id !== props.id) : [...all, props.id]))
  return (
    <section>
      <button type="button" class="side-head" aria-expanded={!closed()} onClick={toggle}>
        <Icon name={closed() ? 'chevron-right' : 'chevron-down'} />
        <span class="cut grow">{props.name}</span>
        <Show when={props.count !== undefined}>
          <span>{props.count}</span>
        </Show>
      </button>
      <Show when={!closed()}>{props.children}</Show>
    </section>
  )
}

/** How many runners are there, or that none is. */
function RunnersWord(): JSX.Element {
  const signals = useReplica()
  const runners = signals.table('runners')
  const word = () => {
    signals.connection()
    const online = signals.replica.runnersOnline().length
    if (runners().size === 0) return ''
    return online === 0 ? 'runner away' : runners().size === 1 ? 'this machine' : `runners ${online}/${runners().size}`
  }
  return (
    <A class="text-meta" href="/settings/runners" title="Runners connected now">
      {word()}
    </A>
  )
}

/** j and k move over the rows; Enter follows the link by itself. */
function walk(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return
  const step =
    event.key === 'j' || event.key === 'ArrowDown' ? 1 : event.key === 'k' || event.key === 'ArrowUp' ? -1 : 0
  if (step === 0) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.session-row')]
  const at = rows.findIndex((row) => row === document.activeElement)
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))]
  if (next === undefined) return
  event.preventDefault()
  event.stopPropagation()
  next.focus()
}

/** The folded sidebar: glyphs only, names on hover. */
export function SlimSidebar(props: { lists: SessionLists }): JSX.Element {
  const navigate = useNavigate()
  const location = useLocation()
  return (
    <nav class="side slim" aria-label="Sessions, folded">
      <A href="/" class="logo" aria-label="Coppice, home">
        <Icon name="coppice" />
      </A>
      <IconButton icon="plus" label="New" large onClick={() => setOverlay('new')} />
      <IconButton icon="search" label="Search" large onClick={() => navigate('/search')} />
      <IconButton
        icon="inbox"
        label={`Inbox, ${props.lists.needing().length} need you`}
        large
        onClick={() => navigate('/inbox')}
      >
        <Show when={props.lists.needing().length > 0}>
          <span class="news-dot" />
        </Show>
      </IconButton>
      <hr />
      <For each={props.lists.inOrder().slice(0, 12)}>
        {(session) => (
          <A
            href={`/session/${session.sessionId}`}
            class="button quiet small square"
            aria-label={session.name}
            title={session.name}
            aria-current={location.pathname === `/session/${session.sessionId}` ? 'page' : undefined}
          >
            <StatusGlyph kind={glyphOf(session)} label={glyphWord(session)} />
          </A>
        )}
      </For>
      <span class="grow" />
      <IconButton icon="sidebar" label="Unfold sidebar" large onClick={() => setSideFolded(false)} />
      <IconButton icon="sun" label="Switch theme" onClick={() => switchTheme()} />
      <Button
        look="quiet"
        small
        class="square"
        aria-label="Settings"
        title="Settings"
        icon="sliders"
        onClick={() => navigate('/settings')}
      />
    </nav>
  )
}
