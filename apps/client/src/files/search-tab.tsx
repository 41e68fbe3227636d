import { workspaceLog, type SessionRow } from '@coppice/events'
import type { QueryAnswer } from '@coppice/protocol'
import { A } from '@solidjs/router'
import { createEffect, createSignal, For, on, onMount, Show, type JSX } from 'solid-js'
import { setPhonePanel } from '../frame/frame-state.ts'
import { count, plural } from '../format/numbers.ts'
import { Icon } from '../parts/icon.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { fileUrl } from './open-files.ts'

type Found = Extract<QueryAnswer<'search'>, { ok: true }>
type Line = Found['files'][number]['lines'][number]

/** So long after the last letter the runner is asked, ms. */
const ASK_AFTER_MS = 250
/** So many lines of a file are drawn at first. */
const LINES_AT_FIRST = 20

/** The texts of the worktree, looked through while one types (F-7). */
export default function SearchTab(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const [text, setText] = createSignal('')
  const [options, setOptions] = createSignal({ matchCase: false, words: false, regex: false })
  const [include, setInclude] = createSignal('')
  const [exclude, setExclude] = createSignal('')
  const [found, setFound] = createSignal<Found>()
  const [problem, setProblem] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  let field: HTMLInputElement | undefined
  let asked = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  const ask = async () => {
    asked += 1
    const mine = asked
    if (text() === '') {
      setFound(undefined)
      setProblem('')
      setBusy(false)
      return
    }
    setBusy(true)
    const { workspaceId, sessionId } = props.session
    const answer = await replica.query(workspaceLog(workspaceId), {
      kind: 'search',
      sessionId,
      text: text(),
      ...options(),
      include: globs(include()),
      exclude: globs(exclude()),
    })
    // What was asked since is what counts.
    if (mine !== asked) return
    setBusy(false)
    setProblem(answer.ok ? '' : answer.message)
    if (answer.ok) setFound(answer)
  }
  createEffect(
    on(
      [text, options, include, exclude, () => props.session.sessionId],
      () => {
        clearTimeout(timer)
        timer = setTimeout(() => void ask(), ASK_AFTER_MS)
      },
      { defer: true },
    ),
  )
  onMount(() => field?.focus())
  const hits = () => found()?.files.reduce((sum, file) => sum + file.lines.length, 0) ?? 0
  return (
    <>
      <section class="section" role="search" aria-label="Content of files">
        <div class="search-field">
          <input
            ref={(input) => (field = input)}
            class="input grow"
            type="search"
            aria-label="Search the files of this session"
            placeholder="Search in files"
            autocomplete="off"
            spellcheck={false}
            value={text()}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Enter' && void ask()}
          />
          <For each={toggles}>
            {(toggle) => (
              <button
                type="button"
                class="button quiet icon small mono"
                aria-pressed={options()[toggle.name]}
                aria-label={toggle.label}
                title={toggle.label}
                onClick={() => setOptions((old) => ({ ...old, [toggle.name]: !old[toggle.name] }))}
              >
                {toggle.sign}
              </button>
            )}
          </For>
        </div>
        <details class="mt-2">
          <summary class="text-12 text-meta">Only some files</summary>
          <div class="column mt-2 !gap-2">
            <input
              class="input small mono"
              aria-label="Files to include"
              placeholder="Only in: src/**, *.ts"
              spellcheck={false}
              value={include()}
              onInput={(event) => setInclude(event.currentTarget.value)}
            />
            <input
              class="input small mono"
              aria-label="Files to leave out"
              placeholder="Not in: *.lock, dist/**"
              spellcheck={false}
              value={exclude()}
              onInput={(event) => setExclude(event.currentTarget.value)}
            />
          </div>
        </details>
        <p class="mt-2 text-12 text-meta" role="status">
          <Show when={problem() === ''} fallback={<span class="text-supports">{problem()}</span>}>
            <Show when={found()} fallback={busy() ? 'Searching' : 'Files that git ignores are left out.'}>
              {(all) => (
                <>
                  {busy() ? 'Searching; before: ' : ''}
                  {all().files.length === 0
                    ? 'Nothing found.'
                    : `${count(hits())}${all().truncated ? ' and more' : ''} ${hits() === 1 ? 'line' : 'lines'} in ${plural(all().files.length, 'file')}`}
                </>
              )}
            </Show>
          </Show>
        </p>
      </section>
      <div class="found-files">
        <For each={found()?.files}>
          {(file) => <FoundFile sessionId={props.session.sessionId} path={file.path} lines={file.lines} />}
        </For>
      </div>
    </>
  )
}

const toggles = [
  { name: 'matchCase', label: 'Match case', sign: 'Aa' },
  { name: 'words', label: 'Whole words', sign: 'W' },
  { name: 'regex', label: 'Regular expression', sign: '.*' },
] as const

const globs = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .slice(0, 20)

function FoundFile(props: { sessionId: string; path: string; lines: readonly Line[] }): JSX.Element {
  const [shown, setShown] = createSignal(LINES_AT_FIRST)
  const name = () => props.path.slice(props.path.lastIndexOf('/') + 1)
  return (
    <details open class="found-file">
      <summary title={props.path}>
        <Icon name="file" size="small" />
        <span class="cut">
          {name()} <span class="text-meta">{props.path.slice(0, -name().length - 1)}</span>
        </span>
        <span class="text-12 text-meta">{props.lines.length}</span>
      </summary>
      <For each={props.lines.slice(0, shown())}>
        {(line) => (
          <A
            class="found-line mono"
            href={fileUrl(props.sessionId, props.path, line.line)}
            onClick={() => setPhonePanel(false)}
          >
            <span class="text-meta">{line.line}</span>
            <span class="cut">
              <Marked line={line} />
            </span>
          </A>
        )}
      </For>
      <Show when={props.lines.length > shown()}>
        <button type="button" class="link text-12" onClick={() => setShown((n) => n + 10 * LINES_AT_FIRST)}>
          {plural(props.lines.length - shown(), 'more line')}
        </button>
      </Show>
    </details>
  )
}

function Marked(props: { line: Line }): JSX.Element {
  const parts = () => {
    const { text, ranges } = props.line
    const out: { text: string; hit: boolean }[] = []
    let from = text.length - text.trimStart().length
    for (const [start, end] of ranges) {
      if (start < from) continue
      out.push({ text: text.slice(from, start), hit: false }, { text: text.slice(start, end), hit: true })
      from = end
    }
    return [...out, { text: text.slice(from), hit: false }]
  }
  return <For each={parts()}>{(part) => (part.hit ? <mark>{part.text}</mark> : part.text)}</For>
}
