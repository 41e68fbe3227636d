import { workspaceLog, type SessionRow } from '@coppice/events'
import type { DiffScope } from '@coppice/protocol'
import { createEffect, createMemo, createSignal, Match, on, Show, Switch, type JSX } from 'solid-js'
import { useWorktreeNews } from '../files/worktree-news.ts'
import { useMedia } from '../frame/media.ts'
import { NoAnswer } from '../git/no-answer.tsx'
import type { DiffLine } from '../git/hunks.ts'
import { useOperations } from '../git/operations.tsx'
import { Confirm, type Question } from '../parts/confirm.tsx'
import { AsOf } from '../parts/as-of.tsx'
import { Icon } from '../parts/icon.tsx'
import { PictureSides } from '../pictures/picture-sides.tsx'
import { SidePictures } from '../pictures/side-pictures.ts'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { watchSession } from '../sync/watch-session.ts'
import { BlameCell } from './blame-cell.tsx'
import { createBlame } from './blame.ts'
import { createChanges } from './changes.ts'
import { ChangesHead } from './changes-head.tsx'
import { ChosenLines } from './chosen-lines.ts'
import { CommentBar } from './comment-bar.tsx'
import { DiffList, type ListControl } from './diff-list.tsx'
import { useDiffKeys } from './diff-keys.ts'
import { expandFold } from './expand-fold.ts'
import type { FileModel } from './file-model.ts'
import type { FileActs } from './file-section.tsx'
import { FileTree } from './file-tree.tsx'
import { createHunkActions, HunkButtons } from './hunk-actions.tsx'
import { useLayoutChoice } from './layout-choice.ts'
import { changesIn, nextChange } from './next-change.ts'
import { createReview } from './review.ts'
import { gathered } from './review-message.ts'
import { Measured, ThreadView, Writing } from './thread-view.tsx'
import { ViewedFiles } from './viewed.ts'

/** The diff viewer of one session (TD-4, BE-7). */
export function ChangesView(props: {
  session: SessionRow
  scope: DiffScope
  setScope: (scope: DiffScope) => void
  wanted: string | undefined
  back: () => void
}): JSX.Element {
  const { replica, connection } = useReplica()
  watchSession(replica, props.session.sessionId)
  const narrow = useMedia('(max-width: 899px)')
  const choice = useLayoutChoice()
  const split = () => choice.split() && !narrow()
  const member = useRow('members', () => `${props.session.workspaceId}/${replica.userId}`)
  const shares = () =>
    ['online', 'behind'].includes(connection().state) && member() !== undefined && member()?.role !== 'viewer'
  const viewed = new ViewedFiles(
    { workspaceId: props.session.workspaceId, sessionId: props.session.sessionId, userId: replica.userId },
    shares,
  )
  const review = createReview(() => props.session)
  const pictures = new SidePictures()
  const chosen = new ChosenLines()
  const blame = createBlame(replica, () => props.session)
  const [filter, setFilter] = createSignal('')
  const [columns, setColumns] = createSignal(100)
  const [measured, setMeasured] = createSignal<ReadonlyMap<string | DiffLine, number>>(new Map())
  const [showResolved, setShowResolved] = createSignal(false)
  const tell = (key: string | DiffLine, height: number) => {
    if (height > 0 && measured().get(key) !== height) setMeasured(new Map(measured()).set(key, height))
  }
  const hunks = createHunkActions({ replica, session: () => props.session, ask: (asked) => setQuestion(asked) })
  const layout = createMemo(() => ({ split: split(), columns: columns(), measured: measured() }))
  const scope = createMemo(() => props.scope, undefined, { equals: (a, b) => JSON.stringify(a) === JSON.stringify(b) })
  const changes = createChanges({
    replica,
    session: props.session,
    scope,
    ignoreSpace: choice.ignoreSpace,
    page: {
      layout,
      threads: review.onFile,
      writing: review.writing,
      showResolved,
      heads: () => hunks.possible(props.scope).length > 0,
      viewed: (file) => viewed.has(file),
    },
  })
  const [question, setQuestion] = createSignal<Question>()
  const operations = useOperations(() => props.session.sessionId)
  useWorktreeNews(props, operations, changes.again)
  const files = createMemo(() => {
    const wanted = filter().trim().toLowerCase()
    return wanted === '' ? changes.files() : changes.files().filter((file) => file.path.toLowerCase().includes(wanted))
  })
  let list: ListControl | undefined
  let field: HTMLInputElement | undefined
  const [current, setCurrent] = createSignal<string>()
  const show = (file: FileModel, row?: number) => {
    list?.show(file, row)
    setCurrent(file.path)
  }
  // The file that the address names is brought to the top once, when it is there.
  createEffect(
    on([() => props.wanted, () => changes.state() === 'known' && changes.files()], ([wanted, known]) => {
      const file = known && wanted !== undefined && current() !== wanted && known.find((one) => one.path === wanted)
      if (!file) return
      file.setOpen(true)
      queueMicrotask(() => show(file))
    }),
  )
  const acts: FileActs = {
    columns,
    measured: tell,
    chosen: (file, row) => chosen.has(file, row),
    comment(file, row, side, further) {
      chosen.choose(file, row, side, further)
      comment()
    },
    viewed: (file) => viewed.has(file),
    setViewed(file, now) {
      viewed.mark(file, now)
      file.setOpen(!now)
    },
    expand: (file, row, which) =>
      void expandFold(replica, workspaceLog(props.session.workspaceId), props.session.sessionId, file, row, which),
    blaming: blame.on,
    blame: (file, line) => (
      <BlameCell
        known={blame.of(file, line.after ?? 0, line.text)}
        begins={blame.begins(file, line.after ?? 0)}
        sessionId={props.session.sessionId}
        nameOf={review.nameOf}
      />
    ),
    again: (file) => file.forget(),
    picture: (file) => (
      <PictureSides
        file={file}
        log={workspaceLog(props.session.workspaceId)}
        sessionId={props.session.sessionId}
        pictures={pictures}
      />
    ),
    hunk: (file, hunk) => (
      <Show when={hunks.possible(props.scope).length > 0}>
        <HunkButtons
          possible={hunks.possible(props.scope)}
          some={chosen.inHunk(file, hunk)}
          act={(how, some) => hunks.act(file, hunk, how, some ? (line) => chosen.hasLine(file, line) : undefined)}
        />
      </Show>
    ),
    thread: (threadId, lost) => (
      <Show when={review.thread(threadId)}>
        {(thread) => (
          <Measured told={(height) => tell(threadId, height)}>
            <ThreadView thread={thread()} lost={lost} review={review} />
          </Measured>
        )}
      </Show>
    ),
    writer: () => (
      <Measured told={(height) => tell('writer', height)}>
        <section class="diff-thread" aria-label="New comment">
          <Writing
            label={`Comment on line ${review.writing()?.place.endLine ?? ''}`}
            placeholder="What should be different?"
            text={review.draft('new')}
            change={(text) => review.setDraft('new', text)}
            save={() => void review.save()}
            cancel={() => {
              review.giveUp()
              chosen.clear()
            }}
            word="Gather"
            focused
          />
        </section>
      </Measured>
    ),
  }
  const onHunk = (how: 'stage' | 'unstage') => {
    const at = chosen.at()
    const row = at?.file.layout().rows[at.row]
    if (at && row?.kind === 'line' && row.hunk >= 0 && hunks.possible(props.scope).includes(how))
      hunks.act(at.file, row.hunk, how)
  }
  const comment = () => {
    const place = chosen.place()
    if (place) review.begin(place)
  }
  const top = () => chosen.at()?.file ?? list?.current()
  const choose = (file: FileModel, row: number) => {
    const line = file.layout().rows[row]
    if (line?.kind !== 'line') return
    chosen.choose(file, line, line.right ? 'after' : 'before', false)
    show(file, row)
  }
  useDiffKeys({
    nextFile(step) {
      const at = top()
      const next = files()[at ? files().indexOf(at) + step : 0]
      if (!next) return
      show(next)
      const first = changesIn(next.layout().rows)[0]
      if (first === undefined) chosen.clear()
      else choose(next, first)
      show(next)
    },
    nextChange(step) {
      const file = list?.current()
      const from = chosen.at() ?? (file && { file, row: -1 })
      const next = from && nextChange(files(), from, step)
      if (!next) return
      if (next.row === undefined) {
        chosen.clear()
        show(next.file)
      } else choose(next.file, next.row)
    },
    further(step) {
      const at = chosen.step(step)
      if (at) show(at.file, at.row)
    },
    viewed() {
      const file = top()
      if (!file) return
      const now = !viewed.has(file)
      acts.setViewed(file, now)
      chosen.clear()
      const next = files()[files().indexOf(file) + 1]
      if (now && next) show(next)
    },
    blame: blame.toggle,
    fold() {
      const file = top()
      file?.setOpen(!file.open())
    },
    comment,
    stage: () => onHunk('stage'),
    unstage: () => onHunk('unstage'),
    filter: () => field?.focus(),
    send: () => void review.send(),
  })
  const open = (path: string) => gathered(review.onFile(path)).length
  return (
    <>
      <ChangesHead
        session={props.session}
        scope={props.scope}
        setScope={props.setScope}
        files={changes.files()}
        viewed={changes.files().filter((file) => viewed.has(file)).length}
        choice={choice}
        narrow={narrow()}
        blame={blame}
        showResolved={showResolved()}
        setShowResolved={setShowResolved}
        back={props.back}
      />
      <Switch fallback={<div class="conversation-empty text-meta">Asking the runner for the diff</div>}>
        <Match when={changes.files().length === 0 && changes.failure()}>
          {(message) => <NoAnswer title="No diff now" message={message()} again={changes.again} />}
        </Match>
        <Match when={changes.state() === 'known' && changes.files().length === 0}>
          <div class="conversation-empty">
            <div class="empty">
              <Icon name="check" size="large" />
              <span class="title">Nothing differs</span>
              <span>Choose another comparison above, or go back to the session.</span>
            </div>
          </div>
        </Match>
        <Match when={changes.files().length > 0}>
          <AsOf at={changes.asOf()} />
          <div class="diff-page">
            <FileTree
              files={files()}
              all={changes.files().length}
              filter={filter()}
              setFilter={setFilter}
              current={current()}
              viewed={(file) => viewed.has(file)}
              comments={open}
              show={(file) => {
                file.setOpen(true)
                show(file)
              }}
              field={(element) => (field = element)}
            />
            <div class="diff-main">
              <Show when={changes.failure()}>
                {(message) => (
                  <p class="diff-note" role="status">
                    This may be out of date: {message()}
                  </p>
                )}
              </Show>
              <Show when={changes.truncated()}>
                <p class="diff-note">More files changed than are listed here: look at single commits or turns.</p>
              </Show>
              <DiffList
                files={files()}
                split={split()}
                blaming={blame.on()}
                acts={acts}
                near={(near) => {
                  changes.loader.want(near.filter((file) => file.open()))
                  blame.near(near)
                }}
                columns={(now) => {
                  if (now === columns()) return
                  // Lines wrap elsewhere now; threads keep what they were until they are measured again.
                  setMeasured(new Map([...measured()].filter(([key]) => typeof key === 'string')))
                  setColumns(now)
                }}
                control={(control) => (list = control)}
              />
            </div>
          </div>
        </Match>
      </Switch>
      <Confirm question={question()} onClose={() => setQuestion(undefined)} />
      <CommentBar review={review} busy={props.session.status === 'in_progress'} />
    </>
  )
}
