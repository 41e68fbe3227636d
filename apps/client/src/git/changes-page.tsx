import { workspaceLog } from '@coppice/events'
import type { QueryAnswer } from '@coppice/protocol'
import { useNavigate, useParams, useSearchParams } from '@solidjs/router'
import { createEffect, createMemo, createResource, createSignal, For, Match, Show, Switch, type JSX } from 'solid-js'
import { Head } from '../frame/head.tsx'
import { count, plural } from '../format/numbers.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { LinesChanged } from '../parts/lines-changed.tsx'
import { Segmented } from '../parts/segmented.tsx'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { DiffLines } from './diff-lines.tsx'
import { isFolded } from './folded-files.ts'
import { failureOf, NoAnswer } from './no-answer.tsx'
import { parsePatch } from './patch.ts'

type Against = 'base' | 'head' | 'staged' | 'index'
type DiffFile = Extract<QueryAnswer<'git.diff'>, { ok: true }>['files'][number]

const sides: readonly { value: Against; label: string; why: string }[] = [
  { value: 'base', label: 'All', why: 'Since the branch point, committed and not' },
  { value: 'head', label: 'Uncommitted', why: 'Staged and not' },
  { value: 'staged', label: 'Staged', why: 'What a commit would take' },
  { value: 'index', label: 'Not staged', why: 'What a commit would leave' },
]

/** What a session changed, file by file. */
export default function ChangesPage(): JSX.Element {
  const params = useParams()
  const [search, setSearch] = useSearchParams()
  const navigate = useNavigate()
  const { replica } = useReplica()
  const sessionId = () => params['sessionId'] ?? ''
  const session = useRow('sessions', sessionId)
  const against = (): Against => sides.find((side) => side.value === search['against'])?.value ?? 'base'
  const wanted = () => (typeof search['file'] === 'string' ? search['file'] : undefined)
  const [answer, { refetch }] = createResource(
    () => {
      const row = session()
      return (
        row && {
          log: workspaceLog(row.workspaceId),
          against: against(),
          sessionId: row.sessionId,
          tree: row.checkpointId,
        }
      )
    },
    (ask) => replica.query(ask.log, { kind: 'git.diff', sessionId: ask.sessionId, against: ask.against }),
  )
  const files = createMemo((): readonly DiffFile[] => {
    const latest = answer.latest
    return latest?.ok === true ? latest.files : []
  })
  const failure = () => failureOf(answer.latest)
  createEffect(() => {
    const path = wanted()
    if (path !== undefined && files().length > 0)
      queueMicrotask(() => document.getElementById(`file-${path}`)?.scrollIntoView({ block: 'start' }))
  })
  const totals = () => ({ additions: sum(files(), 'additions'), deletions: sum(files(), 'deletions') })
  return (
    <main class="main">
      <Head>
        <IconButton icon="back" label="Back to the session" large onClick={() => navigate(`/session/${sessionId()}`)} />
        <h1 class="cut">{session()?.name ?? 'Changes'}</h1>
        <span class="text-meta wide-only">Changes</span>
        <span class="grow" />
        <Show when={files().length > 0}>
          <LinesChanged {...totals()} />
        </Show>
      </Head>
      <div class="row flex-wrap px-4 py-2 border-b border-line">
        <Segmented
          small
          label="Compare"
          value={against()}
          options={sides}
          onChange={(value) => setSearch({ against: value, file: undefined })}
        />
      </div>
      <Switch fallback={<div class="conversation-empty text-meta">Asking the runner for the diff</div>}>
        <Match when={failure()}>
          {(message) => <NoAnswer title="No diff now" message={message()} again={() => void refetch()} />}
        </Match>
        <Match when={answer.latest?.ok === true && files().length === 0}>
          <div class="conversation-empty">
            <div class="empty">
              <Icon name="check" size="large" />
              <span class="title">Nothing differs</span>
              <span>{sides.find((side) => side.value === against())?.label}: no change.</span>
            </div>
          </div>
        </Match>
        <Match when={files().length > 0}>
          <div class="diff-page">
            <nav class="diff-tree" aria-label="Changed files">
              <p class="px-2 pb-1 text-12 text-meta">{plural(files().length, 'file')}</p>
              <For each={files()}>
                {(file) => (
                  <button
                    type="button"
                    class="file-row"
                    aria-current={wanted() === file.path}
                    title={file.path}
                    onClick={() => setSearch({ file: file.path }, { replace: true, scroll: false })}
                  >
                    <span class="name mono">
                      <bdi>{file.path}</bdi>
                    </span>
                    <LinesChanged additions={file.additions} deletions={file.deletions} />
                  </button>
                )}
              </For>
            </nav>
            <div class="diff-files">
              <For each={files()}>{(file) => <FileDiff file={file} wanted={wanted() === file.path} />}</For>
            </div>
          </div>
        </Match>
      </Switch>
    </main>
  )
}

const sum = (files: readonly DiffFile[], side: 'additions' | 'deletions'): number =>
  files.reduce((all, file) => all + file[side], 0)

/** A long diff is drawn in parts, so that one huge file cannot stop the page. */
const LINES_AT_FIRST = 400

function FileDiff(props: { file: DiffFile; wanted: boolean }): JSX.Element {
  const [open, setOpen] = createSignal(props.wanted || !isFolded(props.file.path))
  const [shown, setShown] = createSignal(LINES_AT_FIRST)
  const lines = createMemo(() => (open() ? parsePatch(props.file.patch) : []))
  createEffect(() => props.wanted && setOpen(true))
  return (
    <section class="diff-file" id={`file-${props.file.path}`} aria-label={props.file.path}>
      <header>
        <IconButton
          icon={open() ? 'chevron-down' : 'chevron-right'}
          label={open() ? 'Fold' : 'Unfold'}
          aria-expanded={open()}
          onClick={() => setOpen(!open())}
        />
        <code class="cut" title={props.file.path}>
          {props.file.from && props.file.from !== props.file.path ? `${props.file.from} → ` : ''}
          {props.file.path}
        </code>
        <Show when={props.file.status !== 'modified'}>
          <span class="badge">{props.file.status.replace('_', ' ')}</span>
        </Show>
        <Show when={isFolded(props.file.path)}>
          <span class="badge">generated, folded</span>
        </Show>
        <span class="grow" />
        <LinesChanged additions={props.file.additions} deletions={props.file.deletions} />
      </header>
      <Show when={open()}>
        <div class="lines" tabIndex={0} role="group" aria-label={`Lines of ${props.file.path}`}>
          <Show
            when={!props.file.binary}
            fallback={<p class="p-3 text-meta">A binary file: it is not shown as text.</p>}
          >
            <DiffLines lines={lines().slice(0, shown())} both />
            <Show when={lines().length > shown()}>
              <p class="p-2 pl-24">
                <Button small onClick={() => setShown((n) => n + 4 * LINES_AT_FIRST)}>
                  Show {count(Math.min(4 * LINES_AT_FIRST, lines().length - shown()))} more of{' '}
                  {count(lines().length - shown())} lines
                </Button>
              </p>
            </Show>
            <Show when={props.file.tooLarge}>
              <p class="p-3 text-meta">
                This diff is too large to send. Look at it in the worktree: git diff -- {props.file.path}
              </p>
            </Show>
          </Show>
        </div>
      </Show>
    </section>
  )
}
