import { createMemo, For, Show, type JSX } from 'solid-js'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Keys } from '../parts/keys.tsx'
import { LinesChanged } from '../parts/lines-changed.tsx'
import type { FileModel } from './file-model.ts'
import { isFolded } from '../git/folded-files.ts'

/** So many names are in the page; the filter finds the others. */
const MOST = 1_000

interface Folder {
  readonly name: string
  readonly files: readonly FileModel[]
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
  const folders = createMemo(() => {
    const found = new Map<string, FileModel[]>()
    for (const file of props.files.slice(0, MOST)) {
      const folder = file.path.slice(0, Math.max(0, file.path.lastIndexOf('/')))
      const known = found.get(folder)
      if (known) known.push(file)
      else found.set(folder, [file])
    }
    return [...found].map(([name, files]): Folder => ({ name, files }))
  })
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
      <For each={folders()}>
        {(folder) => (
          <>
            <Show when={folder.name !== ''}>
              <p class="diff-folder" title={folder.name}>
                <Icon name="folder-open" size="small" />
                <span class="cut">
                  <bdi>{folder.name}</bdi>
                </span>
              </p>
            </Show>
            <For each={folder.files}>
              {(file) => (
                <button
                  type="button"
                  class="file-row"
                  classList={{ inside: folder.name !== '', viewed: props.viewed(file) }}
                  aria-current={props.current === file.path}
                  title={file.path}
                  onClick={() => props.show(file)}
                >
                  <Icon name={props.viewed(file) ? 'check' : iconOf(file)} size="small" />
                  <span class="name mono">
                    <bdi>{file.path.slice(file.path.lastIndexOf('/') + 1)}</bdi>
                  </span>
                  <Show when={props.comments(file.path) > 0}>
                    <span class="text-12 text-meta" title="Open comments">
                      {props.comments(file.path)} <Icon name="message" size="small" />
                    </span>
                  </Show>
                  <LinesChanged additions={file.info().additions} deletions={file.info().deletions} />
                </button>
              )}
            </For>
          </>
        )}
      </For>
      <Show when={props.files.length === 0}>
        <p class="px-2 py-1 text-12 text-meta">No file of {props.all} fits.</p>
      </Show>
      <Show when={props.files.length > MOST}>
        <p class="px-2 py-1 text-12 text-meta">{props.files.length - MOST} more: filter to see them here.</p>
      </Show>
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
