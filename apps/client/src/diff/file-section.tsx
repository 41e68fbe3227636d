import { createEffect, createMemo, For, Match, Show, Switch, type JSX } from 'solid-js'
import { isFolded } from '../git/folded-files.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { FileLines } from '../parts/file-lines.tsx'
import { toast } from '../parts/toasts.tsx'
import type { FileModel } from './file-model.ts'
import type { FileRow, LineRow } from './file-rows.ts'
import { FoldRow } from './fold-row.tsx'
import { LineView, type LineActs } from './line-view.tsx'
import { rowAt } from './row-layout.ts'

/** What the page does for its files. */
export interface FileActs extends LineActs {
  viewed(file: FileModel): boolean
  setViewed(file: FileModel, viewed: boolean): void
  /** Fetches lines of the file: so many from the begin or the end of a fold, or all of it. */
  expand(file: FileModel, row: Extract<FileRow, { kind: 'fold' }>, which: 'up' | 'down' | 'all'): void
  thread(threadId: string, lost: boolean): JSX.Element
  writer(): JSX.Element
  again(file: FileModel): void
  picture(file: FileModel): JSX.Element
  /** More of a hunk's head: what can be done with it. */
  hunk?(file: FileModel, hunk: number): JSX.Element
}

/** Rows above and below the window that are in the page, px. */
const BEYOND = 400

/** One file: its head, which stays in sight, and those of its rows that are near the window. */
export function FileSection(props: {
  file: FileModel
  top: number
  /** The window's top, from the top of the rows, px. */
  from: number
  height: number
  split: boolean
  acts: FileActs
}): JSX.Element {
  const info = () => props.file.info()
  const layout = () => props.file.layout()
  const range = createMemo(
    () => {
      const { tops, rows } = layout()
      if (rows.length === 0) return { first: 0, end: 0 }
      return { first: rowAt(tops, props.from - BEYOND), end: rowAt(tops, props.from + props.height + BEYOND) + 1 }
    },
    { first: 0, end: 0 },
    { equals: (a, b) => a.first === b.first && a.end === b.end },
  )
  const shown = createMemo(() => layout().rows.slice(range().first, range().end))
  createEffect(() => props.file.paint.show(shown().filter((row): row is LineRow => row.kind === 'line')))
  const viewed = () => props.acts.viewed(props.file)
  const name = () => info().path.slice(info().path.lastIndexOf('/') + 1)
  const folder = () => info().path.slice(0, info().path.length - name().length)
  return (
    <section
      class="diff-file"
      style={{ top: `${props.top}px` }}
      aria-label={info().path}
      data-path={info().path}
      classList={{ open: props.file.open() }}
    >
      <header>
        <IconButton
          icon={props.file.open() ? 'chevron-down' : 'chevron-right'}
          label={props.file.open() ? `Fold ${name()}` : `Unfold ${name()}`}
          aria-expanded={props.file.open()}
          onClick={() => props.file.setOpen(!props.file.open())}
        />
        <code class="cut" classList={{ 'text-meta': viewed() }} title={info().path}>
          <Show when={info().from !== undefined && info().from !== info().path}>{info().from} → </Show>
          {folder()}
          <span class="font-medium">{name()}</span>
        </code>
        <IconButton
          icon="copy"
          label={`Copy the path of ${name()}`}
          onClick={() =>
            void navigator.clipboard.writeText(info().path).then(
              () => toast('Path copied'),
              () => toast('The browser did not let the path be copied.', { bad: true }),
            )
          }
        />
        <Show when={info().status !== 'modified'}>
          <span class="badge">{info().status.replace('_', ' ')}</span>
        </Show>
        <Show when={isFolded(info().path)}>
          <span class="badge wide-only">
            <Icon name="lock" size="small" />
            generated, folded
          </span>
        </Show>
        <span class="grow" />
        <FileLines file={info()} />
        <label class="diff-viewed">
          <input
            type="checkbox"
            checked={viewed()}
            onChange={(event) => props.acts.setViewed(props.file, event.currentTarget.checked)}
          />
          Viewed
        </label>
      </header>
      <Show when={props.file.open()}>
        <div class="diff-rows" classList={{ split: props.split }} style={{ height: `${layout().height}px` }}>
          <div style={{ transform: `translateY(${layout().tops[range().first] ?? 0}px)` }}>
            <For each={shown()}>
              {(row) => (
                <Switch>
                  <Match when={row.kind === 'line' && row}>
                    {(line) => <LineView file={props.file} row={line()} split={props.split} acts={props.acts} />}
                  </Match>
                  <Match when={row.kind === 'fold' && row}>
                    {(fold) => (
                      <FoldRow
                        row={fold()}
                        expand={(which) => props.acts.expand(props.file, fold(), which)}
                        more={fold().hunk === undefined ? undefined : props.acts.hunk?.(props.file, fold().hunk ?? 0)}
                      />
                    )}
                  </Match>
                  <Match when={row.kind === 'thread' && row}>
                    {(thread) => props.acts.thread(thread().threadId, thread().lost)}
                  </Match>
                  <Match when={row.kind === 'picture'}>{props.acts.picture(props.file)}</Match>
                  <Match when={row.kind === 'writer'}>{props.acts.writer()}</Match>
                  <Match when={row.kind === 'note' && row}>
                    {(note) => (
                      <p class="diff-note">
                        {note().text}
                        <Show when={props.file.patch().kind === 'failed'}>
                          <Button small onClick={() => props.acts.again(props.file)}>
                            Try again
                          </Button>
                        </Show>
                      </p>
                    )}
                  </Match>
                </Switch>
              )}
            </For>
          </div>
        </div>
      </Show>
    </section>
  )
}
