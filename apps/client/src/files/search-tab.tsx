import { workspaceLog, type SessionRow } from '@coppice/events'
import type { QueryAnswer, SearchPattern } from '@coppice/protocol'
import { createEffect, createSignal, For, on, onMount, Show, type JSX } from 'solid-js'
import { count, plural } from '../format/numbers.ts'
import { IconButton } from '../parts/button.tsx'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { FoundFile, type ReplaceChoice } from './found-file.tsx'
import { ReplaceBar } from './replace-bar.tsx'
import { replacementOf } from './replacement.ts'

type Found = Extract<QueryAnswer<'search'>, { ok: true }>

/** So long after the last letter the runner is asked, ms. */
const ASK_AFTER_MS = 250
/** The texts of the worktree, looked through while one types (F-7). */
export default function SearchTab(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const [text, setText] = createSignal('')
  const [options, setOptions] = createSignal({ matchCase: false, words: false, regex: false })
  const [include, setInclude] = createSignal('')
  const [exclude, setExclude] = createSignal('')
  const [found, setFound] = createSignal<Found & { pattern: SearchPattern }>()
  const [problem, setProblem] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const [replaces, setReplaces] = createSignal(false)
  const [put, setPut] = createSignal('')
  /** What is not to be replaced: files by their path, lines by that and their number. */
  const [leftOut, setLeftOut] = createSignal<ReadonlySet<string>>(new Set())
  const member = useRow('members', () => `${props.session.workspaceId}/${replica.userId}`)
  const mayWrite = () => props.session.worktree === 'ready' && member()?.role !== 'viewer'
  const replacement = () => replacementOf(replica, props.session)
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
    const pattern = { text: text(), ...options() }
    const answer = await replica.query(workspaceLog(workspaceId), {
      kind: 'search',
      sessionId,
      ...pattern,
      include: globs(include()),
      exclude: globs(exclude()),
    })
    // What was asked since is what counts.
    if (mine !== asked) return
    setBusy(false)
    setProblem(answer.ok ? '' : answer.message)
    if (!answer.ok) return
    setLeftOut(new Set<string>())
    setFound({ ...answer, pattern })
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
  const choice = (): ReplaceChoice | undefined => {
    const all = found()
    if (!replaces() || !mayWrite() || all === undefined) return undefined
    return {
      replacing: { ...all.pattern, put: put() },
      takes: (path, line) => !leftOut().has(path) && (line === undefined || !leftOut().has(`${path} ${line}`)),
      take(on, path, line) {
        const next = new Set(leftOut())
        const name = line === undefined ? path : `${path} ${line}`
        if (on) next.delete(name)
        else next.add(name)
        // Of a file that was left out one line is taken: the others stay out.
        if (on && line !== undefined && next.delete(path))
          for (const other of all.files.find((file) => file.path === path)?.lines ?? [])
            if (other.line !== line) next.add(`${path} ${other.line}`)
        setLeftOut(next)
      },
    }
  }
  const chosen = () => {
    const takes = choice()?.takes
    if (takes === undefined) return []
    return (found()?.files ?? []).flatMap(({ path, lines }) => {
      const taken = lines.filter((line) => line.ranges.length > 0 && takes(path, line.line))
      return taken.length === 0 ? [] : [{ path, lines: new Map(taken.map((line) => [line.line, line.text])) }]
    })
  }
  const replace = async () => {
    const replacing = choice()?.replacing
    if (replacing === undefined) return
    await replacement().replace(chosen(), replacing)
    void ask()
  }
  createEffect(
    on(
      () => replacement().so()?.state,
      (state) => state === 'undone' && void ask(),
      { defer: true },
    ),
  )
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
          <Show when={mayWrite()}>
            <IconButton
              icon="pencil"
              label="Replace"
              aria-pressed={replaces()}
              onClick={() => setReplaces((on) => !on)}
            />
          </Show>
        </div>
        <Show when={replaces() && mayWrite()}>
          <ReplaceBar
            replacement={replacement()}
            put={put()}
            onPut={setPut}
            regex={options().regex}
            lines={chosen().reduce((sum, { lines }) => sum + lines.size, 0)}
            files={chosen().length}
            truncated={found()?.truncated ?? false}
            waits={props.session.status === 'in_progress'}
            onReplace={() => void replace()}
          />
        </Show>
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
          {(file) => (
            <FoundFile sessionId={props.session.sessionId} path={file.path} lines={file.lines} choice={choice()} />
          )}
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
