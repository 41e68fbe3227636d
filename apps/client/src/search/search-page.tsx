import type { SearchHit, SearchPage as Found } from '@coppice/replica'
import { useNavigate, useSearchParams } from '@solidjs/router'
import { createEffect, createSignal, For, on, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { count } from '../format/numbers.ts'
import { Head } from '../frame/head.tsx'
import { Button } from '../parts/button.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { useReplica } from '../sync/replica-context.tsx'

/** What the list shows: the hits of all pages so far, and for which text. */
interface Shown extends Found {
  readonly text: string
}

/** What a window shows; more come as one goes on. */
const HITS_AT_ONCE = 20
const ADDRESS_AFTER_MS = 300
const AGAIN_AFTER_MS = 500

/** The history, found by its words: everything is on this device, so it works off line and while typing. */
export default function SearchPage(): JSX.Element {
  const { replica } = useReplica()
  const navigate = useNavigate()
  const [params] = useSearchParams<{ q: string }>()
  const [text, setText] = createSignal(params.q ?? '')
  const [shown, setShown] = createSignal<Shown>()
  const [at, setAt] = createSignal(0)
  let list: HTMLDivElement | undefined
  let input: HTMLInputElement | undefined
  onMount(() => {
    document.title = 'Search · Coppice'
    input?.focus()
  })
  // Coming back leads to the same hits. The router need not know: to it this would be another page with each letter.
  const keepInAddress = () =>
    history.replaceState(history.state, '', `/search${text() === '' ? '' : `?q=${encodeURIComponent(text())}`}`)
  createEffect(
    on(
      text,
      () => {
        const timer = setTimeout(keepInAddress, ADDRESS_AFTER_MS)
        onCleanup(() => clearTimeout(timer))
      },
      { defer: true },
    ),
  )
  createEffect(
    on(
      () => params.q,
      (asked) => setText(asked ?? ''),
      { defer: true },
    ),
  )
  const find = async (wanted: string) => {
    const found = await replica.search({ text: wanted, limit: HITS_AT_ONCE })
    // Overtaken by the next letter: its hits come instead.
    if (!found || wanted !== text()) return
    setAt(0)
    setShown({ ...found, text: wanted })
  }
  createEffect(on(text, (wanted) => void find(wanted)))
  // What was not here when it was searched is found when it has come.
  let again: ReturnType<typeof setTimeout> | undefined
  const lookAgain = () => {
    const coverage = shown()?.coverage
    // The list of sessions is painted before the database is open: a search from before that knew of none.
    const known = replica.rows('sessions').size
    if (!coverage || (coverage.searched >= known && coverage.missing === 0)) return
    again ??= setTimeout(() => {
      again = undefined
      void find(text())
    }, AGAIN_AFTER_MS)
  }
  const stops = [replica.onRows(lookAgain), replica.onConnection(lookAgain)]
  onCleanup(() => {
    for (const stop of stops) stop()
    clearTimeout(again)
  })
  const hits = () => shown()?.hits ?? []
  const more = async () => {
    const before = shown()
    if (!before?.next) return
    const found = await replica.search({ text: before.text, limit: HITS_AT_ONCE, after: before.next })
    if (found && shown() === before) setShown({ ...found, text: before.text, hits: [...before.hits, ...found.hits] })
  }
  const open = (hit: SearchHit | undefined) => {
    if (!hit) return
    keepInAddress()
    navigate(`/session/${hit.sessionId}${hit.itemId && `?item=${encodeURIComponent(hit.itemId)}`}`)
  }
  const move = (step: number) => {
    setAt((n) => Math.min(hits().length - 1, Math.max(0, n + step)))
    list?.querySelector(`#hit-${at()}`)?.scrollIntoView({ block: 'nearest' })
    if (at() === hits().length - 1) void more()
  }
  return (
    <main class="main">
      <Head>
        <h1>Search</h1>
        <span class="grow" />
      </Head>
      <div class="page">
        <div class="page-in">
          <label class="input search-input">
            <Icon name="search" />
            <input
              ref={input}
              type="search"
              role="combobox"
              aria-expanded="true"
              aria-controls="hits"
              aria-activedescendant={hits().length > 0 ? `hit-${at()}` : undefined}
              aria-label="Search the history"
              placeholder="Search messages, answers, tools and plans"
              autocomplete="off"
              value={text()}
              onInput={(event) => setText(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter') open(hits()[at()])
                if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
                event.preventDefault()
                move(event.key === 'ArrowDown' ? 1 : -1)
              }}
            />
          </label>
          <p class="search-coverage" role="status">
            {sayCoverage(shown())}
          </p>
          <Show when={text().trim() === ''} fallback={<Nothing shown={shown()} text={text()} />}>
            <Hints />
          </Show>
          <div
            ref={list}
            id="hits"
            class="hits"
            classList={{ list: hits().length > 0 }}
            role="listbox"
            aria-label="What was found"
            data-text={shown()?.text}
          >
            <For each={hits()}>
              {(hit, index) => (
                <Hit hit={hit} index={index()} chosen={index() === at()} onPoint={setAt} onOpen={() => open(hit)} />
              )}
            </For>
          </div>
          <Show when={shown()?.next}>
            <Button class="mx-auto mt-3" onClick={() => void more()}>
              Show older ones
            </Button>
          </Show>
        </div>
      </div>
      <footer class="page-foot">
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> choose
        </span>
        <span>
          <kbd>Enter</kbd> open there
        </span>
      </footer>
    </main>
  )
}

const signs: Record<SearchHit['kind'], readonly [IconName, string]> = {
  session: ['list', 'Session'],
  user: ['message', 'Message'],
  agent: ['coppice', 'Answer'],
  summary: ['file', 'Summary'],
  tool: ['terminal', 'Tool'],
  plan: ['list', 'Plan'],
  system: ['info', 'Note'],
  hook_failure: ['alert', 'Hook failure'],
  action: ['help', 'Question'],
  instructions: ['info', 'Instructions'],
  thinking: ['info', 'Thought'],
  approval: ['info', 'Approval'],
  turn_end: ['info', 'End of turn'],
}

function Hit(props: {
  hit: SearchHit
  index: number
  chosen: boolean
  onPoint: (index: number) => void
  onOpen: () => void
}): JSX.Element {
  const signals = useReplica()
  const sessions = signals.table('sessions')
  const workspaces = signals.table('workspaces')
  const session = () => sessions().get(props.hit.sessionId)
  const sign = () => signs[props.hit.kind]
  return (
    <div
      id={`hit-${props.index}`}
      class="list-row hit"
      role="option"
      aria-selected={props.chosen}
      onPointerMove={() => props.onPoint(props.index)}
      onClick={() => props.onOpen()}
    >
      <Icon name={sign()[0]} size="small" />
      <span class="row">
        <span class="cut font-medium">{session()?.name}</span>
        <span class="cut text-12 text-meta">
          {sign()[1]} · {workspaces().get(session()?.workspaceId ?? '')?.name}
        </span>
      </span>
      <span class="text-12 text-meta">
        <Ago at={props.hit.at} />
      </span>
      <Show when={props.hit.itemId !== ''}>
        <p class="below text-supports wrap-anywhere">
          <For each={props.hit.snippet}>{(part) => (part.marked ? <mark>{part.text}</mark> : part.text)}</For>
        </p>
      </Show>
    </div>
  )
}

function Nothing(props: { shown: Shown | undefined; text: string }): JSX.Element {
  return (
    <Show when={props.shown?.text === props.text && props.shown.hits.length === 0}>
      <div class="empty mt-16">
        <Icon name="search" size="large" />
        <span class="title">Nothing fits “{props.text.trim()}”</span>
        <span>Words are found whole or by their beginning. Thoughts and the output of commands are not searched.</span>
      </div>
    </Show>
  )
}

function Hints(): JSX.Element {
  return (
    <dl class="facts wrap mt-3">
      <dt>rate limit</dt>
      <dd>both words, anywhere</dd>
      <dt>"rate limit"</dt>
      <dd>side by side</dd>
      <dt>lim*</dt>
      <dd>words that begin so; the last word always may</dd>
      <dt>limit -test</dt>
      <dd>without the second</dd>
      <dt>hooks/route.ts</dt>
      <dd>paths and names, by any of their parts</dd>
    </dl>
  )
}

/** What was searched, and what was not. */
function sayCoverage(shown: Shown | undefined): string {
  if (shown === undefined || shown.text.trim() === '') return ''
  const { sessions, searched, missing } = shown.coverage
  const whole =
    searched === sessions
      ? `Searched all ${count(sessions)} ${sessions === 1 ? 'session' : 'sessions'} on this device.`
      : `Searched ${count(searched)} of ${count(sessions)} sessions: the others are not on this device.`
  return missing > 0 ? `${whole} ${count(missing)} newer events are still on their way.` : whole
}
