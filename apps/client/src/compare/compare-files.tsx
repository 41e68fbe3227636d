import type { ChangedFile, SessionRow } from '@coppice/events'
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { DiffLines } from '../git/diff-lines.tsx'
import { parsePatch } from '../git/patch.ts'
import { Button } from '../parts/button.tsx'
import { FileLines } from '../parts/file-lines.tsx'
import { agentNames } from './agent-names.ts'
import { useFileDiff } from './group-diffs.ts'

/** Which files each session changed, a row a file; the chosen one's lines stand side by side below. */
export function CompareFiles(props: { sessions: readonly SessionRow[] }): JSX.Element {
  /** What most of them changed stands first: that is where they can be compared. */
  const paths = createMemo(() => {
    const all = Map.groupBy(
      props.sessions.flatMap(({ files }) => files.map((file) => file.path)),
      (path) => path,
    )
    return [...all].sort(([a, as], [b, bs]) => bs.length - as.length || (a < b ? -1 : 1)).map(([path]) => path)
  })
  const names = createMemo(() => agentNames(props.sessions))
  const nameOf = ({ sessionId }: SessionRow): string => names().get(sessionId) ?? ''
  const [chosen, setChosen] = createSignal<string>()
  const shown = () => {
    const path = chosen() ?? paths()[0]
    return path !== undefined && paths().includes(path) ? path : paths()[0]
  }
  const of = (session: SessionRow, path: string): ChangedFile | undefined =>
    session.files.find((file) => file.path === path)
  const unnamed = () => props.sessions.filter((session) => session.fileCount > session.files.length)
  return (
    <Show
      when={paths().length > 0}
      fallback={<p class="mt-4 text-12 text-meta">Nothing is changed yet in any of them.</p>}
    >
      <h2 class="group-head">
        Files <span class="text-meta">{paths().length}</span>
      </h2>
      <div class="compare-table" tabIndex={0} role="group" aria-label="Changed files of all sessions">
        <table>
          <thead>
            <tr>
              <th scope="col">File</th>
              <For each={props.sessions}>{(session) => <th scope="col">{nameOf(session)}</th>}</For>
            </tr>
          </thead>
          <tbody>
            <For each={paths()}>
              {(path) => (
                <tr aria-current={path === shown() ? 'true' : undefined}>
                  <th scope="row">
                    <button type="button" class="mono" aria-pressed={path === shown()} onClick={() => setChosen(path)}>
                      <bdi>{path}</bdi>
                    </button>
                  </th>
                  <For each={props.sessions}>
                    {(session) => (
                      <td>
                        <Show when={of(session, path)} fallback={<span class="text-meta">–</span>}>
                          {(file) => <FileLines file={file()} />}
                        </Show>
                      </td>
                    )}
                  </For>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
      <For each={unnamed()}>
        {(session) => (
          <p class="hint">
            {nameOf(session)} changed {plural(session.fileCount - session.files.length, 'more file')}: see its diff.
          </p>
        )}
      </For>
      <Show when={shown()}>
        {(path) => (
          <div class="compare-columns" style={{ '--columns': String(props.sessions.length) }}>
            <For each={props.sessions}>
              {(session) => <OneDiff session={session} name={nameOf(session)} path={path()} />}
            </For>
          </div>
        )}
      </Show>
    </Show>
  )
}

const LINES_AT_FIRST = 300

function OneDiff(props: { session: SessionRow; name: string; path: string }): JSX.Element {
  const diff = useFileDiff(
    () => props.session,
    () => props.path,
  )
  const [more, setMore] = createSignal<string>()
  const lines = createMemo(() => parsePatch(diff.file()?.patch ?? ''))
  const limit = () => (more() === props.path ? lines().length : LINES_AT_FIRST)
  return (
    <section class="diff-file" aria-label={`${props.path} in ${props.name}`}>
      <header>
        <span class="cut text-12">{props.name}</span>
        <span class="grow" />
        <code class="cut text-12 text-meta">{props.path}</code>
      </header>
      <div class="lines" tabIndex={0} role="group" aria-label={`Lines of ${props.path} in ${props.name}`}>
        <Show when={diff.file()} fallback={<p class="p-3 text-12 text-meta">{whyNone(diff)}</p>}>
          {(file) => (
            <Show
              when={!file().binary && !file().tooLarge}
              fallback={
                <p class="p-3 text-12 text-meta">
                  {file().binary ? 'A binary file: it is not shown as text.' : 'This diff is too large to send.'}
                </p>
              }
            >
              <DiffLines lines={lines().slice(0, limit())} />
              <Show when={lines().length > limit()}>
                <p class="p-2">
                  <Button small onClick={() => setMore(props.path)}>
                    Show all {lines().length} lines
                  </Button>
                </p>
              </Show>
            </Show>
          )}
        </Show>
      </div>
    </section>
  )
}

const whyNone = (diff: ReturnType<typeof useFileDiff>): string =>
  diff.failure() ?? (diff.asking() ? 'Asking the runner' : 'Not changed here.')
