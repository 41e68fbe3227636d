import { workspaceLog, type SessionRow } from '@coppice/events'
import { useNavigate, useParams, useSearchParams } from '@solidjs/router'
import { createEffect, createResource, createSignal, For, Match, on, onCleanup, Show, Switch, type JSX } from 'solid-js'
import { setPhonePanel } from '../frame/frame-state.ts'
import { Head } from '../frame/head.tsx'
import { count } from '../format/numbers.ts'
import { failureOf, NoAnswer } from '../git/no-answer.tsx'
import { useOperations } from '../git/operations.tsx'
import { AsOf } from '../parts/as-of.tsx'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { isPicturePath } from '@coppice/protocol'
import { PictureFile } from '../pictures/picture-file.tsx'
import { Avatars } from '../parts/people.tsx'
import { Panel } from '../session/panel.tsx'
import { askOrKept } from '../sync/kept-answers.ts'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { BlameBar } from './blame-bar.tsx'
import { openEditor, type CodeEditor } from './code-editor.ts'
import { createEditorBlame } from './editor-blame.ts'
import { readUnsaved } from './unsaved.ts'
import { FileBuffer, type BufferState, type ReadFile } from './file-buffer.ts'
import { closeFile, fileUrl, openFile, openFiles } from './open-files.ts'
import { useWorktreeNews } from './worktree-news.ts'

/** A file of a session's worktree, to read and to change, beside the session's panel. */
export default function EditorPage(): JSX.Element {
  const params = useParams()
  const [query] = useSearchParams()
  const sessionId = () => params['sessionId'] ?? ''
  const path = () => (typeof query['path'] === 'string' ? query['path'] : '')
  const line = () => (typeof query['line'] === 'string' ? Number(query['line']) : 0)
  const session = useRow('sessions', sessionId)
  createEffect(on([sessionId, path], ([id, name]) => name !== '' && openFile(id, name)))
  createEffect(() => (document.title = `${path().slice(path().lastIndexOf('/') + 1)} · Coppice`))
  return (
    <Show when={session()}>
      {(row) => (
        <>
          <main class="main">
            <EditorHead session={row()} path={path()} />
            <Show when={`${row().sessionId} ${path()}`} keyed>
              <File session={row()} path={path()} line={line()} />
            </Show>
          </main>
          <Panel session={row()} />
        </>
      )}
    </Show>
  )
}

/** The files that are open, as tabs. */
function EditorHead(props: { session: SessionRow; path: string }): JSX.Element {
  const navigate = useNavigate()
  const id = () => props.session.sessionId
  const close = (path: string) => {
    const next = closeFile(id(), path)
    if (path !== props.path) return
    navigate(next === undefined ? `/session/${id()}` : fileUrl(id(), next))
  }
  return (
    <Head
      after={
        <IconButton icon="panel" label="Files" large class="phone-only" onClick={() => setPhonePanel((on) => !on)} />
      }
    >
      <IconButton icon="back" label="Back to the session" large onClick={() => navigate(`/session/${id()}`)} />
      <h1 class="sr-only">{props.path}</h1>
      <nav class="file-tabs" aria-label="Open files">
        <For each={openFiles(id())}>
          {(path) => (
            <span class="file-tab" classList={{ selected: path === props.path }}>
              <button
                type="button"
                aria-current={path === props.path ? 'page' : undefined}
                title={path}
                onClick={() => navigate(fileUrl(id(), path))}
              >
                {path.slice(path.lastIndexOf('/') + 1)}
              </button>
              <IconButton icon="close" label={`Close ${path}`} onClick={() => close(path)} />
            </span>
          )}
        </For>
      </nav>
      <span class="grow" />
    </Head>
  )
}

function File(props: { session: SessionRow; path: string; line: number }): JSX.Element {
  const { replica } = useReplica()
  const [answer, { refetch }] = createResource(() =>
    askOrKept(replica, workspaceLog(props.session.workspaceId), {
      kind: 'file.read',
      sessionId: props.session.sessionId,
      path: props.path,
    }),
  )
  /** What was typed here before and not saved can be read and changed without the runner. */
  const [unsaved] = createResource(() => readUnsaved(props.session.sessionId, props.path))
  const file = (): ReadFile | undefined => {
    const found = answer.latest
    if (found?.ok === true) return found
    const kept = found?.ok === false ? unsaved.latest : undefined
    return kept && { ok: true, text: kept.base, sha256: kept.baseSha256, binary: false, tooLarge: false, size: 0 }
  }
  const failure = () => (file() ? undefined : failureOf(answer.latest))
  const asOf = () => (answer.latest?.ok === true ? answer.latest.asOf : undefined)
  const again = () => (failureOf(answer.latest) !== undefined || asOf() !== undefined) && void refetch()
  const operations = useOperations(() => props.session.sessionId)
  useWorktreeNews(props, operations, again)
  /** A drawing is a text, too: which of the two is looked at. */
  const [asPicture, setAsPicture] = createSignal(false)
  const pictured = () => isPicturePath(props.path)
  return (
    <Switch fallback={<div class="conversation-empty text-meta">Asking the runner for the file</div>}>
      <Match when={failure()}>
        {(message) => <NoAnswer title="The file cannot be shown" message={message()} again={() => void refetch()} />}
      </Match>
      <Match when={file() && pictured() && (asPicture() || file()?.binary || file()?.tooLarge)}>
        <PictureFile
          session={props.session}
          path={props.path}
          {...(asPicture() && { asText: () => setAsPicture(false) })}
        />
      </Match>
      <Match when={file()?.binary || file()?.tooLarge}>
        <div class="conversation-empty">
          <div class="empty">
            <Icon name="file" size="large" />
            <span class="title">{file()?.binary ? 'Not a text' : 'Too large to show'}</span>
            <span>
              {count(file()?.size ?? 0)} bytes
              {file()?.binary ? ', binary or in another encoding than UTF-8' : ''}. It is in the worktree of this
              session.
            </span>
          </div>
        </div>
      </Match>
      <Match when={file()}>
        {(found) => (
          <>
            <AsOf at={asOf()} />
            <Editor session={props.session} path={props.path} file={found()} line={props.line}>
              <Show when={pictured()}>
                <Button small look="quiet" onClick={() => setAsPicture(true)}>
                  Show the picture
                </Button>
              </Show>
            </Editor>
          </>
        )}
      </Match>
    </Switch>
  )
}

const stateWords: Record<BufferState, string> = {
  saved: 'Saved',
  changed: 'Not saved',
  saving: 'Saving',
  conflict: 'Conflict',
}

function Editor(props: {
  session: SessionRow
  path: string
  file: ReadFile
  line: number
  /** More of the bar above the text. */
  children?: JSX.Element
}): JSX.Element {
  const { replica, table } = useReplica()
  const operations = useOperations(() => props.session.sessionId)
  const users = table('users')
  const me = { id: replica.userId, name: users().get(replica.userId)?.name ?? 'somebody' }
  const buffer = new FileBuffer(replica, () => props.session, props.path, props.file, me)
  const [editor, setEditor] = createSignal<CodeEditor>()
  let place: HTMLDivElement | undefined
  const readOnly = () => props.session.worktree !== 'ready'
  const open = async () => {
    const text = await buffer.begin()
    if (!place) return
    const made = openEditor(place, {
      path: props.path,
      text,
      file: props.file.text,
      readOnly: readOnly(),
      changed: () => buffer.changed(),
      save: () => void buffer.save(),
    })
    buffer.opened(made)
    setEditor(made)
    made.focus()
  }
  void open()
  createEffect(() => props.line > 0 && editor()?.goTo(props.line))
  createEffect(() => buffer.operations(operations()))
  const nameOf = (userId: string) => users().get(userId)?.name ?? 'Somebody'
  const blame = createEditorBlame({
    replica,
    session: () => props.session,
    path: props.path,
    editor,
    operations,
    nameOf,
  })
  useWorktreeNews(props, operations, () => {
    void buffer.look()
    blame.again()
  })
  onCleanup(() => {
    buffer.close()
    editor()?.close()
    place = undefined
  })
  const unsaved = () => buffer.state() !== 'saved'
  return (
    <>
      <div class="file-bar">
        <code class="cut grow" title={props.path}>
          <bdi>{props.path}</bdi>
        </code>
        <Show when={buffer.others().length > 0}>
          <Avatars people={buffer.others()} label="Has this file open, too" />
        </Show>
        {props.children}
        <Button small look="quiet" aria-pressed={blame.on()} onClick={() => blame.toggle()}>
          Blame
        </Button>
        <span class="text-12" classList={{ 'text-meta': !unsaved() }} role="status">
          {stateWords[buffer.state()]}
        </span>
        <Show when={buffer.state() === 'changed'}>
          <Button small look="quiet" onClick={() => buffer.discard()}>
            Undo all
          </Button>
        </Show>
        <Button
          small
          look={buffer.state() === 'changed' ? 'primary' : 'quiet'}
          disabled={buffer.state() !== 'changed' || readOnly()}
          onClick={() => void buffer.save()}
        >
          Save
        </Button>
      </div>
      <Show when={buffer.state() === 'conflict'}>
        <div class="banner needs" role="alert">
          <span class="grow">
            <b>The file was changed in the worktree, at places that you changed too.</b> Nothing is lost: choose what
            stands.
          </span>
          <Button small onClick={() => buffer.settle('both')}>
            Both, marked
          </Button>
          <Button small onClick={() => buffer.settle('mine')}>
            Mine
          </Button>
          <Button small onClick={() => buffer.settle('theirs')}>
            Theirs
          </Button>
        </div>
      </Show>
      <Show when={readOnly()}>
        <p class="banner" role="status">
          The session has no worktree right now: the file can be read, not changed.
        </p>
      </Show>
      <Show when={blame.on()}>
        <BlameBar blame={blame} sessionId={props.session.sessionId} nameOf={nameOf} />
      </Show>
      <div class="code-editor" ref={(element) => (place = element)} />
    </>
  )
}
