import { workspaceLog } from '@coppice/events'
import { useNavigate, useParams, useSearchParams } from '@solidjs/router'
import { createResource, createSignal, For, Match, Show, Switch, type JSX } from 'solid-js'
import { Head } from '../frame/head.tsx'
import { count } from '../format/numbers.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { failureOf, NoAnswer } from './no-answer.tsx'

/** A long file is drawn in parts. */
const LINES_AT_FIRST = 1_000

/** A file of a session's worktree, as it is now. */
export default function FilePage(): JSX.Element {
  const params = useParams()
  const [search] = useSearchParams()
  const navigate = useNavigate()
  const { replica } = useReplica()
  const sessionId = () => params['sessionId'] ?? ''
  const path = () => (typeof search['path'] === 'string' ? search['path'] : '')
  const session = useRow('sessions', sessionId)
  const [shown, setShown] = createSignal(LINES_AT_FIRST)
  const [answer, { refetch }] = createResource(
    () => {
      const row = session()
      return row && { log: workspaceLog(row.workspaceId), sessionId: row.sessionId, path: path() }
    },
    (ask) => replica.query(ask.log, { kind: 'file.read', sessionId: ask.sessionId, path: ask.path }),
  )
  const file = () => {
    const latest = answer.latest
    return latest?.ok === true ? latest : undefined
  }
  const failure = () => failureOf(answer.latest)
  const lines = () => file()?.text.split('\n') ?? []
  return (
    <main class="main">
      <Head>
        <IconButton icon="back" label="Back to the session" large onClick={() => navigate(`/session/${sessionId()}`)} />
        <h1 class="cut mono" title={path()}>
          {path()}
        </h1>
        <span class="cut text-meta wide-only">{session()?.name}</span>
        <span class="grow" />
      </Head>
      <Switch fallback={<div class="conversation-empty text-meta">Asking the runner for the file</div>}>
        <Match when={failure()}>
          {(message) => <NoAnswer title="The file cannot be shown" message={message()} again={() => void refetch()} />}
        </Match>
        <Match when={file()?.binary || file()?.tooLarge}>
          <div class="conversation-empty">
            <div class="empty">
              <Icon name="file" size="large" />
              <span class="title">{file()?.binary ? 'A binary file' : 'Too large to show'}</span>
              <span>{count(file()?.size ?? 0)} bytes. It is in the worktree of this session.</span>
            </div>
          </div>
        </Match>
        <Match when={file()}>
          <div class="file-text" tabIndex={0} role="group" aria-label={`Lines of ${path()}`}>
            <For each={lines().slice(0, shown())}>
              {(line, index) => (
                <div class="diff-line">
                  <span class="number">{index() + 1}</span>
                  <span />
                  <span class="text">{line || ' '}</span>
                </div>
              )}
            </For>
            <Show when={lines().length > shown()}>
              <p class="p-2 pl-14">
                <Button small onClick={() => setShown((n) => n + 4 * LINES_AT_FIRST)}>
                  Show more of {count(lines().length)} lines
                </Button>
              </p>
            </Show>
          </div>
        </Match>
      </Switch>
    </main>
  )
}
