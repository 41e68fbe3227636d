import type { SessionRow } from '@coppice/events'
import { useNavigate, useParams } from '@solidjs/router'
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js'
import type { SessionLists } from '../frame/session-lists.ts'
import { Finder } from '../parts/finder.tsx'
import { Icon } from '../parts/icon.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { toast } from '../parts/toasts.tsx'
import { glyphOf } from '../session/attention.ts'
import { usePinned } from '../session/use-pinned.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { everywhere, ofSession, type Entry } from './entries.ts'
import { matchRanges } from './matches.ts'
import { menusHere } from '../parts/menus-here.ts'
import { onThisPage } from './on-this-page.ts'

/** So many sessions, and so many things of the page, are listed; typing narrows them. */
const SESSIONS_SHOWN = 12
const OF_PAGE_SHOWN = 40

interface Found extends Entry {
  session?: SessionRow
}

/** Sessions, actions and settings, found by typing (K-6). */
export default function Palette(props: { lists: SessionLists; onClose: () => void }): JSX.Element {
  const signals = useReplica()
  const navigate = useNavigate()
  const params = useParams()
  const workspaces = signals.table('workspaces')
  const sessions = signals.table('sessions')
  const [query, setQuery] = createSignal('')
  const here = () => sessions().get(params['sessionId'] ?? '')
  const pinned = usePinned(() => params['sessionId'] ?? '')
  // As the page stood when this was opened: nothing moves under the hand that chooses.
  const ofPage = pageEntries()

  const entries = createMemo((): Found[] => {
    const all: Found[] = props.lists.inOrder().map((session) => ({
      group: 'Sessions',
      label: session.name,
      aside: workspaces().get(session.workspaceId)?.name ?? '',
      session,
      act: () => navigate(`/session/${session.sessionId}`),
    }))
    const session = here()
    if (session) all.push(...ofSession(signals.replica, session, { pinned: pinned(), navigate }))
    all.push(...everywhere([...workspaces().values()], navigate))
    const known = new Set(all.map((entry) => entry.label))
    all.push(...ofPage.filter((entry) => !known.has(entry.label)))
    return all
  })
  const shown = createMemo((): Found[] => {
    const fits = entries().filter((entry) => matchRanges(searched(entry), query()) !== undefined)
    let sessionsLeft = SESSIONS_SHOWN
    let ofPageLeft = OF_PAGE_SHOWN
    const text = query().trim()
    const history: Found = {
      group: 'History',
      label: `Search the history for “${text}”`,
      icon: 'search',
      act: () => navigate(`/search?q=${encodeURIComponent(text)}`),
    }
    return [
      ...fits.filter(
        (entry) =>
          (entry.session === undefined || sessionsLeft-- > 0) && (entry.group !== ON_THIS_PAGE || ofPageLeft-- > 0),
      ),
      ...(text === '' ? [] : [history]),
    ]
  })
  return (
    <Finder
      label="Search and commands"
      field={{ label: 'Search sessions and commands', placeholder: 'Search sessions and commands', icon: 'search' }}
      listLabel="Results"
      text={query()}
      onText={setQuery}
      entries={shown()}
      groupOf={(entry) => entry.group}
      disabled={(entry) => entry.disabled === true}
      choose={(entry) => {
        props.onClose()
        entry.act()
      }}
      note={shown().length === 0 ? `Nothing fits “${query()}”.` : ''}
      onClose={props.onClose}
    >
      {(entry, _index, chosen) => (
        <>
          <Show when={entry.session} fallback={<Icon name={entry.icon ?? 'chevron-right'} size="small" />}>
            {(session) => <StatusGlyph kind={glyphOf(session())} />}
          </Show>
          <span class="grow cut">
            <Marked text={entry.label} query={query()} />
          </span>
          <span class="text-12 text-meta cut">{entry.aside}</span>
          <Show when={chosen()}>
            <Icon name="return" size="small" />
          </Show>
        </>
      )}
    </Finder>
  )
}

const ON_THIS_PAGE = 'On this page'

/** The place counts for what is on the page: "untracked stage all". */
const searched = (entry: Entry): string =>
  entry.group === ON_THIS_PAGE || entry.group === 'Settings' ? `${entry.label} ${entry.aside ?? ''}` : entry.label

/** What the page offers: what its menus have in them, and all that stands on it. */
function pageEntries(): readonly Entry[] {
  const group = ON_THIS_PAGE
  const inMenus = menusHere().flatMap((menu): Entry[] =>
    menu.items().flatMap((item) =>
      item === null
        ? []
        : {
            group,
            label: item.label,
            aside: menu.label(),
            ...(item.icon && { icon: item.icon }),
            ...(item.disabled && { disabled: true }),
            act: item.act,
          },
    ),
  )
  const frame = document.querySelector('.frame')
  const drawn = (frame ? onThisPage(frame) : []).map(({ label, place, disabled, act }): Entry => ({
    group,
    label,
    aside: place,
    disabled,
    // After the palette has given the focus back.
    act: () =>
      void setTimeout(() => {
        if (!act()) toast(`“${label}” is not on the page any more.`)
      }, FOCUS_BACK_MS),
  }))
  return [...inMenus, ...drawn]
}

/** So long after it was shut an overlay has given the focus back to where it was, ms. */
const FOCUS_BACK_MS = 50

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
