import { createMemo, createSignal, For, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { isFolded } from '../git/folded-files.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Keys } from '../parts/keys.tsx'
import { FileLines } from '../parts/file-lines.tsx'
import type { FileModel } from './file-model.ts'

/** Each name has a row of this height, px; so many above and below the window are in the page. */
const ROW = 26
const BEYOND = 10

type TreeRow = { readonly folder: string; readonly file: FileModel | undefined }

/** Folders, each with the changed files in it, in the order of the diff. */
function treeRows(files: readonly FileModel[]): TreeRow[] {
  const folders = new Map<string, FileModel[]>()
  for (const file of files) {
    const folder = file.path.slice(0, Math.max(0, file.path.lastIndexOf('/')))
    const known = folders.get(folder)
    if (known) known.push(file)
    else folders.set(folder, [file])
  }
  return [...folders].flatMap(([folder, inside]) => [
    ...(folder === '' ? [] : [{ folder, file: undefined }]),
    ...inside.map((file) => ({ folder, file })),
  ])
}

/** The changed files by folder, with a filter; what was viewed is quieter. */
export function FileTree(props: {
  files: readonly FileModel[]
  all: number
  filter: string
  setFilter: (text: string) => void
  current: string | undefined
  viewed: (file: FileModel) => boolean
  comments: (path: string) => number
  show: (file: FileModel) => void
  field: (element: HTMLInputElement) => void
}): JSX.Element {
  let scroller: HTMLDivElement | undefined
  const [top, setTop] = createSignal(0)
  const [height, setHeight] = createSignal(800)
  onMount(() => {
    const watch = new ResizeObserver(() => scroller && setHeight(scroller.clientHeight))
    if (scroller) watch.observe(scroller)
    onCleanup(() => watch.disconnect())
  })
  const rows = createMemo(() => treeRows(props.files))
  const first = createMemo(() => Math.max(0, Math.floor(top() / ROW) - BEYOND))
  const shown = createMemo(() => rows().slice(first(), Math.ceil((top() + height()) / ROW) + BEYOND))
  return (
    <nav class="diff-tree" aria-label="Changed files">
      <label class="diff-filter">
        <Icon name="search" size="small" />
        <input
          type="search"
          class="grow"
          placeholder="Filter files"
          aria-label="Filter files"
          ref={(element) => props.field(element)}
          value={props.filter}
          onInput={(event) => props.setFilter(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            props.setFilter('')
            event.currentTarget.blur()
          }}
        />
        <Keys of={['T']} />
      </label>
      <div class="diff-tree-scroll" ref={scroller} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
        <div style={{ height: `${rows().length * ROW}px` }}>
          <div style={{ transform: `translateY(${first() * ROW}px)` }}>
            <For each={shown()}>
              {(row) => (
                <Show
                  when={row.file}
                  fallback={
                    <p class="diff-folder" title={row.folder}>
                      <Icon name="folder-open" size="small" />
                      <span class="cut">
                        <bdi>{row.folder}</bdi>
                      </span>
                    </p>
                  }
                >
                  {(file) => (
                    <button
                      type="button"
                      class="file-row"
                      classList={{ inside: row.folder !== '', viewed: props.viewed(file()) }}
                      aria-current={props.current === file().path}
                      title={file().path}
                      onClick={() => props.show(file())}
                    >
                      <Icon name={props.viewed(file()) ? 'check' : iconOf(file())} size="small" />
                      <span class="name mono">
                        <bdi>{file().path.slice(file().path.lastIndexOf('/') + 1)}</bdi>
                      </span>
                      <Show when={props.comments(file().path) > 0}>
                        <span class="text-12 text-meta" title="Open comments">
                          {props.comments(file().path)} <Icon name="message" size="small" />
                        </span>
                      </Show>
                      <FileLines file={file().info()} />
                    </button>
                  )}
                </Show>
              )}
            </For>
          </div>
        </div>
        <Show when={props.files.length === 0}>
          <p class="px-2 py-1 text-12 text-meta">No file of {props.all} fits.</p>
        </Show>
      </div>
      <div class="diff-keys" aria-hidden="true">
        <span>
          <Keys of={['J', 'K']} /> next, previous file
        </span>
        <span>
          <Keys of={['N', 'P']} /> next, previous change
        </span>
        <span>
          <Keys of={['V']} /> viewed <Keys of={['C']} /> comment
        </span>
      </div>
    </nav>
  )
}

function iconOf(file: FileModel): IconName {
  if (isFolded(file.path)) return 'lock'
  const { status } = file.info()
  return status === 'added' ? 'file-plus' : status === 'deleted' ? 'trash' : 'pencil'
}
