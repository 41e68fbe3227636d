import { newId, workspaceLog, type GitOperation, type SessionRow } from '@coppice/events'
import type { QueryAnswer } from '@coppice/protocol'
import { useNavigate, useSearchParams } from '@solidjs/router'
import { createMemo, createResource, createSignal, For, Show, type JSX } from 'solid-js'
import { setOverlay, setPhonePanel } from '../frame/frame-state.ts'
import { useOperations } from '../git/operations.tsx'
import { letterWord } from '../git/working-tree.ts'
import { AsOf } from '../parts/as-of.tsx'
import { Button, IconButton } from '../parts/button.tsx'
import { Confirm, type Question } from '../parts/confirm.tsx'
import { Icon } from '../parts/icon.tsx'
import { Menu } from '../parts/menu.tsx'
import { toast } from '../parts/toasts.tsx'
import { sendToSession } from '../sync/commands.ts'
import { askOrKept } from '../sync/kept-answers.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { NameDialog, type NameQuestion } from './name-dialog.tsx'
import { closeFile, fileUrl } from './open-files.ts'
import { noteGone } from './recent-files.ts'
import { useWorktreeNews } from './worktree-news.ts'
import { isRefusal } from '@coppice/events'

type Entry = Extract<QueryAnswer<'tree'>, { ok: true }>['entries'][number]

/** What a row of the tree needs of the tab around it. */
interface Tree {
  readonly session: SessionRow
  readonly isOpen: (path: string) => boolean
  readonly toggle: (path: string) => void
  /** Goes up when files may have changed. */
  readonly news: () => number
  readonly chosen: () => string
  readonly show: (path: string) => void
  readonly ask: (question: NameQuestion) => void
  readonly confirm: (question: Question) => void
  readonly request: (operation: GitOperation) => Promise<boolean>
  readonly create: (path: string) => Promise<void>
  /** A file has no tab any more; who looks at it is shown where it went, or the next. */
  readonly gone: (path: string, to?: string) => void
}

/** The worktree's files as a tree: folders are read when they are opened. */
export default function FilesTab(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const navigate = useNavigate()
  const [query] = useSearchParams()
  const [open, setOpen] = createSignal<ReadonlySet<string>>(new Set(['']))
  const [news, setNews] = createSignal(0)
  const [naming, setNaming] = createSignal<NameQuestion>()
  const [question, setQuestion] = createSignal<Question>()
  const operations = useOperations(() => props.session.sessionId)
  useWorktreeNews(props, operations, () => setNews((n) => n + 1))
  const request = (operation: GitOperation) =>
    sendToSession(replica, props.session, 'git.request', { operationId: newId(), operation })
  const show = (path: string) => {
    setPhonePanel(false)
    navigate(fileUrl(props.session.sessionId, path))
  }
  const tree: Tree = {
    get session() {
      return props.session
    },
    isOpen: (path) => open().has(path),
    toggle(path) {
      const next = new Set(open())
      if (!next.delete(path)) next.add(path)
      setOpen(next)
    },
    news,
    chosen: () => (typeof query['path'] === 'string' ? query['path'] : ''),
    show,
    gone(path, to) {
      const { sessionId } = props.session
      const shown = tree.chosen() === path
      noteGone(sessionId, path)
      const next = to ?? closeFile(sessionId, path)
      if (to !== undefined) closeFile(sessionId, path)
      if (shown) navigate(next === undefined ? `/session/${sessionId}` : fileUrl(sessionId, next))
    },
    ask: setNaming,
    confirm: setQuestion,
    request,
    async create(path) {
      const content = await replica.putBlob(new Blob([]), {
        name: path.slice(path.lastIndexOf('/') + 1),
        type: 'text/plain',
      })
      if (isRefusal(content)) return void toast(content.message, { bad: true })
      if (await request({ kind: 'writeFile', path, content, base: 'absent' })) show(path)
    },
  }
  return (
    <>
      <div class="files-bar">
        <Button small icon="search" onClick={() => setOverlay('quickOpen')} title="Ctrl+P">
          Open a file
        </Button>
        <span class="grow" />
        <IconButton icon="file-plus" label="New file" onClick={() => setNaming(newFile(tree, ''))} />
        <IconButton icon="folder" label="New folder" onClick={() => setNaming(newFolder(tree, ''))} />
        <IconButton icon="refresh" label="Look again" onClick={() => setNews((n) => n + 1)} />
      </div>
      <div class="file-tree" role="group" aria-label="Files of the worktree">
        <Folder tree={tree} path="" depth={0} />
      </div>
      <NameDialog question={naming()} onClose={() => setNaming(undefined)} />
      <Confirm question={question()} onClose={() => setQuestion(undefined)} />
    </>
  )
}

const within = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`)

const newFile = (tree: Tree, folder: string): NameQuestion => ({
  title: folder === '' ? 'New file' : `New file in ${folder}`,
  label: 'Name',
  hint: 'Folders in it are made: docs/plan.md',
  value: '',
  verb: 'Make file',
  act: (name) => void tree.create(within(folder, name)),
})

const newFolder = (tree: Tree, folder: string): NameQuestion => ({
  title: folder === '' ? 'New folder' : `New folder in ${folder}`,
  label: 'Name',
  hint: 'Git keeps no empty folders: it is there for you until a file is in it.',
  value: '',
  verb: 'Make folder',
  act: (name) => void tree.request({ kind: 'makeFolder', path: within(folder, name) }),
})

function Folder(props: { tree: Tree; path: string; depth: number }): JSX.Element {
  const { replica } = useReplica()
  const [answer, { refetch }] = createResource(
    () => [props.path, props.tree.news(), props.tree.session.worktree] as const,
    ([path]) =>
      askOrKept(replica, workspaceLog(props.tree.session.workspaceId), {
        kind: 'tree',
        sessionId: props.tree.session.sessionId,
        path,
      }),
  )
  const listing = () => (answer.latest?.ok === true ? answer.latest : undefined)
  const failure = () => (answer.latest?.ok === false ? answer.latest.message : undefined)
  // By name, so that a row that stays keeps the focus when the folder is read again.
  const byName = createMemo(() => new Map(listing()?.entries.map((entry) => [entry.name, entry])))
  const names = createMemo(() => [...byName().keys()])
  return (
    <>
      <Show when={props.path === ''}>
        <AsOf at={listing()?.asOf} />
      </Show>
      <For each={names()}>
        {(name) => (
          <Show when={byName().get(name)}>
            {(entry) => <Row tree={props.tree} folder={props.path} entry={entry()} depth={props.depth} />}
          </Show>
        )}
      </For>
      <Show when={listing()?.entries.length === 0}>
        <p class="tree-note" style={{ '--depth': props.depth }}>
          Nothing is in it.
        </p>
      </Show>
      <Show when={listing()?.truncated}>
        <p class="tree-note" style={{ '--depth': props.depth }}>
          There are more; search finds them.
        </p>
      </Show>
      <Show when={failure()}>
        {(message) => (
          <p class="tree-note" style={{ '--depth': props.depth }} role="status">
            {message()}{' '}
            <button type="button" class="link" onClick={() => void refetch()}>
              Look again
            </button>
          </p>
        )}
      </Show>
    </>
  )
}

function Row(props: { tree: Tree; folder: string; entry: Entry; depth: number }): JSX.Element {
  const path = () => within(props.folder, props.entry.name)
  const isFolder = () => props.entry.kind === 'folder'
  const open = () => isFolder() && props.tree.isOpen(path())
  const act = () => (isFolder() ? props.tree.toggle(path()) : props.tree.show(path()))
  const move = async (to: string) => {
    const from = path()
    if (await props.tree.request({ kind: 'rename', path: from, to })) props.tree.gone(from, to)
  }
  const rename = (): NameQuestion => ({
    title: `Rename ${props.entry.name}`,
    label: 'New name',
    hint: 'A path moves it: docs/plan.md',
    value: path(),
    verb: 'Rename',
    act: (to) => void move(to),
  })
  const remove = (): Question => ({
    title: `Delete ${props.entry.name}?`,
    text: props.entry.ignored
      ? 'Git ignores it, so no checkpoint keeps it: it is gone for good.'
      : 'A checkpoint is taken first and keeps what goes.',
    items: [path()],
    verb: isFolder() ? 'Delete folder' : 'Delete file',
    danger: true,
    act() {
      void props.tree.request({ kind: 'delete', paths: [path()] })
      props.tree.gone(path())
    },
  })
  return (
    <>
      <div
        class="tree-row"
        classList={{ ignored: props.entry.ignored === true, chosen: props.tree.chosen() === path() }}
        style={{ '--depth': props.depth }}
      >
        <button
          type="button"
          class="tree-name"
          data-level={props.depth + 1}
          aria-expanded={isFolder() ? open() : undefined}
          aria-current={props.tree.chosen() === path() ? 'page' : undefined}
          onClick={act}
          onKeyDown={(event) => {
            if (!moveInTree(event, { open: open(), isFolder: isFolder(), toggle: act })) return
            event.preventDefault()
          }}
        >
          <Show when={isFolder()} fallback={<span class="tree-space" />}>
            <Icon name={open() ? 'chevron-down' : 'chevron-right'} size="small" />
          </Show>
          <Icon
            name={isFolder() ? (open() ? 'folder-open' : 'folder') : props.entry.kind === 'link' ? 'link' : 'file'}
            size="small"
          />
          <span class="cut">{props.entry.name}</span>
          <Show when={props.entry.changed}>
            {(letter) => (
              <span
                class={`tree-letter letter-${letter() === '?' ? 'new' : letter().toLowerCase()}`}
                title={letterWord(letter())}
              >
                <Show when={!isFolder()} fallback="•">
                  {letter() === '?' ? 'U' : letter()}
                </Show>
                <span class="sr-only"> {letterWord(letter())}</span>
              </span>
            )}
          </Show>
        </button>
        <Menu
          label={`Actions on ${props.entry.name}`}
          class="button quiet icon small tree-menu"
          trigger={<Icon name="more" size="small" />}
          items={[
            ...(isFolder()
              ? [
                  {
                    label: 'New file in it',
                    icon: 'file-plus' as const,
                    act: () => props.tree.ask(newFile(props.tree, path())),
                  },
                  {
                    label: 'New folder in it',
                    icon: 'folder' as const,
                    act: () => props.tree.ask(newFolder(props.tree, path())),
                  },
                ]
              : []),
            { label: 'Rename or move', icon: 'pencil', act: () => props.tree.ask(rename()) },
            { label: 'Copy its path', icon: 'copy', act: () => void navigator.clipboard.writeText(path()) },
            null,
            { label: 'Delete', icon: 'trash', danger: true, act: () => props.tree.confirm(remove()) },
          ]}
        />
      </div>
      <Show when={open()}>
        <Folder tree={props.tree} path={path()} depth={props.depth + 1} />
      </Show>
    </>
  )
}

const levelOf = (row: HTMLElement): number => Number(row.dataset['level'])

/** Arrow keys as in every tree: up and down over the rows, right opens, left closes. Answers whether it was one of them. */
function moveInTree(
  event: KeyboardEvent & { currentTarget: HTMLElement },
  row: { open: boolean; isFolder: boolean; toggle: () => void },
): boolean {
  const rows = [...(event.currentTarget.closest('.file-tree')?.querySelectorAll<HTMLElement>('.tree-name') ?? [])]
  const at = rows.indexOf(event.currentTarget)
  switch (event.key) {
    case 'ArrowDown':
      rows[at + 1]?.focus()
      return true
    case 'ArrowUp':
      rows[at - 1]?.focus()
      return true
    case 'ArrowRight':
      if (row.isFolder && !row.open) row.toggle()
      else rows[at + 1]?.focus()
      return true
    case 'ArrowLeft':
      if (row.open) row.toggle()
      else
        rows
          .slice(0, at)
          .findLast((one) => levelOf(one) < levelOf(event.currentTarget))
          ?.focus()
      return true
    default:
      return false
  }
}
