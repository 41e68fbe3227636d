import type { FilePatch, ItemRow } from '@coppice/events'
import { A } from '@solidjs/router'
import { createSignal, For, Match, onCleanup, Show, Switch, type Accessor, type JSX } from 'solid-js'
import { plural, count } from '../format/numbers.ts'
import { duration } from '../format/time.ts'
import { DiffLines } from '../git/diff-lines.tsx'
import type { DiffLine } from '../git/hunks.ts'
import { excerpt, parsePatch } from '../git/patch.ts'
import { Icon } from '../parts/icon.tsx'
import { LinesChanged } from '../parts/lines-changed.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import type { ConversationModel } from './conversation-model.ts'
import { LiveOutput, OutputBox } from './output-box.tsx'
import { groupPlaces, groupWords, toolIcon, toolVerb } from './tool-words.ts'
import type { Row, Unit } from './units.ts'

/** How many lines of a change stand in the conversation; "Open" shows the rest. */
const INLINE_LINES = 5

/** One line for one tool call. Reading leads to the file; all else opens in place, with a way to the whole. */
export function ToolRow(props: { model: ConversationModel; unit: Accessor<Unit>; links: ToolLinks }): JSX.Element {
  const body = props.model.body(props.unit().itemId)
  const row = () => (props.model.version(), props.model.row(props.unit().itemId))
  const family = () => body()?.detail.family ?? 'other'
  const awaits = () => (props.model.version(), props.model.awaits(props.unit().itemId))
  const open = () => (props.model.version(), props.model.isOpen(props.unit()) && !awaits())
  const changes = () => body()?.detail.changes ?? []
  const target = () => body()?.detail.target ?? ''
  const whole = () => {
    if (target() === '') return undefined
    if (family() === 'read' || family() === 'write') return props.links.file(target())
    return family() === 'edit' ? props.links.diff(changes()[0]?.path ?? target()) : undefined
  }
  const words = () => (
    <>
      <Icon name={toolIcon[family()]} />
      <span class="verb">{body() ? toolVerb(body()?.detail ?? {}) : 'Tool'}</span>
      <Show when={family() === 'agent'} fallback={<code class="cut">{target()}</code>}>
        <span class="cut">{target() || body()?.detail.title}</span>
      </Show>
      <Show when={changes().length > 0}>
        <LinesChanged {...totals(changes())} />
      </Show>
    </>
  )
  return (
    <>
      <div class="tool-row">
        <Show
          when={family() === 'read' && row()?.status === 'done' && whole()}
          fallback={
            <button
              type="button"
              class="tool-main"
              aria-expanded={open()}
              onClick={() => props.model.toggle(props.unit())}
            >
              <Icon name={open() ? 'chevron-down' : 'chevron-right'} />
              {words()}
            </button>
          }
        >
          {(href) => (
            <A class="tool-main leaf" href={href()} title={`Open ${target()}`}>
              {words()}
            </A>
          )}
        </Show>
        <span class="end">
          <Show when={family() !== 'read' && whole()}>
            {(href) => (
              <A class="link" href={href()} aria-label={`Open ${target()}`}>
                Open
              </A>
            )}
          </Show>
          <ToolEnd row={row()} body={body()} awaits={awaits()} />
        </span>
      </div>
      <Show when={open() && family() !== 'agent' && !(family() === 'read' && row()?.status === 'done')}>
        <Opened model={props.model} row={row()} body={body()} links={props.links} />
      </Show>
    </>
  )
}

/** Where the whole of something is shown. */
export interface ToolLinks {
  file(path: string): string
  diff(path: string): string
}

const totals = (changes: readonly FilePatch[]) => ({
  additions: changes.reduce((sum, file) => sum + file.additions, 0),
  deletions: changes.reduce((sum, file) => sum + file.deletions, 0),
})

/** Outcome and duration, in a column of their own at the right. */
function ToolEnd(props: { row: Row | undefined; body: ItemRow | undefined; awaits: boolean }): JSX.Element {
  const detail = () => props.body?.detail ?? {}
  return (
    <>
      <Switch>
        <Match when={props.awaits}>
          <span class="outcome needs">
            <StatusGlyph kind="needs" label="" />
            waits for you
          </span>
        </Match>
        <Match when={props.row?.status === 'working' || props.row?.status === 'pending'}>
          <span class="outcome working">
            <StatusGlyph kind="working" label="" />
            running
          </span>
        </Match>
        <Match when={detail().outcome === 'rejected'}>
          <span class="outcome">
            <Icon name="close" />
            rejected, not run
          </span>
        </Match>
        <Match when={detail().outcome === 'canceled'}>
          <span class="outcome">
            <Icon name="square" />
            stopped
          </span>
        </Match>
        <Match when={detail().outcome === 'aborted'}>
          <span class="outcome">
            <Icon name="refresh" />
            aborted
          </span>
        </Match>
        <Match when={typeof detail().exitCode === 'number'}>
          <span class="outcome" classList={{ bad: detail().exitCode !== 0 }}>
            <Icon name={detail().exitCode === 0 ? 'check' : 'close'} />
            exit {detail().exitCode}
          </span>
        </Match>
        <Match when={detail().outcome === 'failed'}>
          <span class="outcome bad">
            <Icon name="close" />
            failed
          </span>
        </Match>
      </Switch>
      <Show when={props.row?.status !== 'working'} fallback={<Running since={props.body?.at} />}>
        <span class="duration">{detail().durationMs === undefined ? '–' : duration(detail().durationMs ?? 0)}</span>
      </Show>
    </>
  )
}

/** Seconds pass only for rows that are mounted and running. */
function Running(props: { since: number | undefined }): JSX.Element {
  const [now, setNow] = createSignal(Date.now())
  const timer = setInterval(() => setNow(Date.now()), 1_000)
  onCleanup(() => clearInterval(timer))
  const seconds = () => Math.max(0, Math.round((now() - (props.since ?? now())) / 1_000))
  return <span class="duration">{seconds() < 60 ? `${seconds()} s` : duration(seconds() * 1_000)}</span>
}

function Opened(props: {
  model: ConversationModel
  row: Row | undefined
  body: ItemRow | undefined
  links: ToolLinks
}): JSX.Element {
  const changes = () => props.body?.detail.changes ?? []
  const label = () => `Output of ${toolVerb(props.body?.detail ?? {})} ${props.body?.detail.target ?? ''}`
  const text = () => props.body?.text ?? ''
  return (
    <>
      <For each={changes()}>
        {(file) => <InlineDiff file={file} named={changes().length > 1} href={props.links.diff(file.path)} />}
      </For>
      <Switch>
        <Match when={props.row?.status === 'working'}>
          <LiveOutput live={props.model.live} itemId={props.row?.itemId ?? ''} label={label()} />
        </Match>
        <Match when={text().trim() !== '' && changes().length === 0}>
          <OutputBox text={text()} label={label()} />
          <Show when={(props.body?.detail.omittedChars ?? 0) > 0}>
            <p class="output-foot">
              {count(props.body?.detail.omittedChars ?? 0)} characters in the middle are left out here; the run's
              transcript has them all.
            </p>
          </Show>
        </Match>
        <Match when={props.body !== undefined && changes().length === 0}>
          <p class="output-foot">It printed nothing.</p>
        </Match>
      </Switch>
    </>
  )
}

function InlineDiff(props: { file: FilePatch; named: boolean; href: string }): JSX.Element {
  const lines = () => parsePatch(props.file.patch)
  const shown = () => excerpt(lines(), INLINE_LINES)
  const more = () => changed(lines()) - changed(shown())
  return (
    <Show when={shown().length > 0}>
      <div class="inline-diff" role="group" aria-label={`Change of ${props.file.path}`}>
        <Show when={props.named}>
          <div class="diff-line hunk">
            <span />
            <span />
            <span class="text">{props.file.path}</span>
          </div>
        </Show>
        <DiffLines lines={shown()} />
        <Show when={more() > 0 || props.file.cut}>
          <A class="diff-line hunk more" href={props.href}>
            <span />
            <span />
            <span class="text">{more() > 0 ? plural(more(), 'more changed line') : 'More: it is cut here'}</span>
          </A>
        </Show>
      </div>
    </Show>
  )
}

const changed = (lines: readonly DiffLine[]): number =>
  lines.filter((line) => line.kind === 'add' || line.kind === 'del').length

/** Like rows, folded into one line. */
export function GroupRow(props: { model: ConversationModel; unit: Accessor<Unit> }): JSX.Element {
  const open = () => (props.model.version(), props.model.isOpen(props.unit()))
  const accessors = new Map<string, Accessor<ItemRow | undefined>>()
  const bodies = () =>
    props.unit().members.flatMap((id) => {
      const known = accessors.get(id) ?? props.model.body(id)
      accessors.set(id, known)
      return known() ?? []
    })
  const took = () => bodies().reduce((sum, body) => sum + (body.detail.durationMs ?? 0), 0)
  return (
    <div class="tool-row">
      <button type="button" class="tool-main" aria-expanded={open()} onClick={() => props.model.toggle(props.unit())}>
        <Icon name={open() ? 'chevron-down' : 'chevron-right'} />
        <Icon name="list" />
        <span class="verb">{groupWords(bodies(), props.unit().members.length)}</span>
        <span class="cut text-meta">{groupPlaces(bodies())}</span>
      </button>
      <span class="end">
        <span class="duration">{took() > 0 ? duration(took()) : ''}</span>
      </span>
    </div>
  )
}
