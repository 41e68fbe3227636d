import type { ItemRow } from '@coppice/events'
import { useNavigate, useParams, useSearchParams } from '@solidjs/router'
import { createEffect, createMemo, createSignal, on, onCleanup, Show, type JSX } from 'solid-js'
import { Composer, EndedBar, hasEnded } from '../composer/composer.tsx'
import { Announcer } from '../conversation/announcer.tsx'
import { compactCommand } from '../context/compact.ts'
import { ConversationModel } from '../conversation/conversation-model.ts'
import { ConversationView } from '../conversation/conversation.tsx'
import { reveal } from '../conversation/reveal.ts'
import { Head } from '../frame/head.tsx'
import { markSeen } from '../frame/seen.ts'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { sendMessage, sendToSession } from '../sync/commands.ts'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { watchSession } from '../sync/watch-session.ts'
import { Panel } from './panel.tsx'
import { setChangingProvider, setSettingKey } from './session-actions.ts'
import { SessionHead } from './session-head.tsx'

/** A session: header, conversation, composer; its panel beside it. */
export default function SessionPage(): JSX.Element {
  const params = useParams()
  const id = () => params['sessionId'] ?? ''
  const session = useRow('sessions', id)
  return (
    <Show when={session()?.sessionId} keyed fallback={<NoSession />}>
      {(sessionId) => <OpenSession sessionId={sessionId} />}
    </Show>
  )
}

function NoSession(): JSX.Element {
  const signals = useReplica()
  const navigate = useNavigate()
  return (
    <main class="main">
      <Head>
        <h1>Session</h1>
        <span class="grow" />
      </Head>
      <div class="conversation-empty">
        <div class="empty">
          <Icon name="message" size="large" />
          <span class="title">This session is not here</span>
          <span>
            {signals.connection().complete
              ? 'It does not exist, or you are not a member of its workspace.'
              : 'It may come once the server can be reached.'}
          </span>
          <Button small onClick={() => navigate('/')}>
            All sessions
          </Button>
        </div>
      </div>
    </main>
  )
}

function OpenSession(props: { sessionId: string }): JSX.Element {
  const { replica } = useReplica()
  const row = useRow('sessions', () => props.sessionId)
  const model = new ConversationModel(replica, props.sessionId)
  const queued = useQueued(model)
  watchSession(replica, props.sessionId)
  useReveal(model)
  createEffect(() => {
    const session = row()
    if (session && document.visibilityState === 'visible') markSeen(session.sessionId, session.updatedAt)
  })
  createEffect(
    on(
      () => row()?.name,
      (name) => {
        document.title = name === undefined ? 'Coppice' : `${name} · Coppice`
      },
    ),
  )
  const links = {
    file: (path: string) => `/session/${props.sessionId}/file?path=${encodeURIComponent(path)}`,
    diff: (path: string) => `/session/${props.sessionId}/changes?file=${encodeURIComponent(path)}`,
  }
  const goOn = () => {
    const session = row()
    if (!session) return
    if (queued().length > 0) void sendToSession(replica, session, 'queue.release', {})
    else void sendMessage(replica, session, 'Please continue where you stopped.')
  }
  const turnEnd = {
    goOn,
    get compact() {
      const session = row()
      const command = compactCommand(session?.provider ?? '')
      return session && command ? () => void sendMessage(replica, session, command) : undefined
    },
    changeProvider: () => setChangingProvider(props.sessionId),
    setKey: () => setSettingKey(props.sessionId),
  }
  const tryAgain = () => {
    const session = row()
    if (session) void sendToSession(replica, session, 'queue.release', {})
  }
  return (
    <Show when={row()}>
      {(session) => (
        <>
          <main class="main">
            <SessionHead session={session()} />
            <ConversationView model={model} links={links} turnEnd={turnEnd} onRetry={tryAgain} />
            <Show
              when={hasEnded(session())}
              fallback={
                <Composer
                  session={session()}
                  queued={queued()}
                  onSent={() => model.window.tell({ kind: 'jumpedToEnd' })}
                />
              }
            >
              <EndedBar session={session()} />
            </Show>
            <Announcer session={session()} />
          </main>
          <Panel session={session()} />
        </>
      )}
    </Show>
  )
}

/** A link that names a row (`?item=ID`) leads to it, once, as soon as the row is there. */
function useReveal(model: ConversationModel): void {
  const [params] = useSearchParams<{ item: string }>()
  let done: string | undefined
  createEffect(
    on([() => params.item, model.version], ([item]) => {
      if (item === undefined || item === done) return
      if (reveal(model, item)) done = item
    }),
  )
}

/** Messages that wait, in their order, with their text. */
function useQueued(model: ConversationModel): () => readonly ItemRow[] {
  const [seen, setSeen] = createSignal(0)
  const read = () => {
    const ids = model.source.spine().flatMap((item) => (item.queue > 0 ? item.itemId : []))
    const missing = ids.filter((id) => model.source.body(id) === undefined)
    if (missing.length > 0) void model.source.load(missing).then(() => setSeen((n) => n + 1))
    setSeen((n) => n + 1)
  }
  onCleanup(model.source.onChange(read))
  read()
  return createMemo(() => {
    seen()
    return model.source
      .spine()
      .filter((item) => item.queue > 0)
      .flatMap((item) => model.source.body(item.itemId) ?? [])
  })
}
