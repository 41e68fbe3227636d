import type { SessionRow } from '@coppice/events'
import { A } from '@solidjs/router'
import { createSignal, onCleanup, Show, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { money } from '../format/numbers.ts'
import { Icon } from '../parts/icon.tsx'
import { LinesChanged } from '../parts/lines-changed.tsx'
import { PresenceDots } from '../parts/people.tsx'
import { ProviderMark } from '../parts/provider-mark.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { ActivityLine } from '../session/activity.tsx'
import { ConflictBadge } from '../session/conflict-badge.tsx'
import { glyphOf, glyphWord } from '../session/attention.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { hasNews } from './seen.ts'

/** Who looks at a session now, as people. */
export function usePresence(sessionId: () => string): () => readonly { id: string; name: string }[] {
  const { replica } = useReplica()
  const [seen, setSeen] = createSignal(0)
  const stop = replica.onPresence((changed) => changed === sessionId() && setSeen((n) => n + 1))
  onCleanup(stop)
  return () => {
    seen()
    return replica.presence(sessionId()).map((one) => ({ id: one.userId, name: one.name }))
  }
}

/** Two lines: glyph, name, presence, age; then provider, changed lines, and the cost flush right. */
export function SessionRowLink(props: { session: SessionRow; tabIndex?: number }): JSX.Element {
  const { pending, table } = useReplica()
  const bots = table('bots')
  const botName = () => bots().get(props.session.botId ?? '')?.name ?? 'Bot'
  const session = () => props.session
  const people = usePresence(() => session().sessionId)
  return (
    <A
      href={`/session/${session().sessionId}`}
      class="session-row"
      classList={{ unread: hasNews(session().sessionId, session().updatedAt) }}
      data-session={session().sessionId}
      tabIndex={props.tabIndex ?? 0}
    >
      <StatusGlyph kind={glyphOf(session())} label={glyphWord(session())} />
      <span class="name cut">{session().name}</span>
      <span class="aside">
        <Show when={people().length > 0}>
          <PresenceDots people={people()} />
        </Show>
        <Show when={pending('sessions', session().sessionId)}>
          <span title="Waits to be sent">
            <Icon name="hourglass" size="small" />
            <span class="sr-only">waits to be sent</span>
          </span>
        </Show>
        <Ago at={session().updatedAt} />
      </span>
      <span class="meta">
        <ProviderMark provider={session().provider} />
        <Show
          when={session().mode === 'develop'}
          fallback={<span class="cut">{session().mode === 'chat' ? 'Chat' : botName()}</span>}
        >
          <LinesChanged additions={session().additions} deletions={session().deletions} />
        </Show>
        <ConflictBadge session={session()} />
        <ActivityLine session={session()} />
        <span class="cost">{money(session().usd)}</span>
      </span>
    </A>
  )
}
