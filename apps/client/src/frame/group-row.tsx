import type { SessionRow } from '@coppice/events'
import { A, useLocation } from '@solidjs/router'
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js'
import { agentNames } from '../compare/agent-names.ts'
import { Ago } from '../format/clock.tsx'
import { money, plural } from '../format/numbers.ts'
import { Icon } from '../parts/icon.tsx'
import { LinesChanged } from '../parts/lines-changed.tsx'
import { ProviderMark } from '../parts/provider-mark.tsx'
import { StatusGlyph, type GlyphKind } from '../parts/status-glyph.tsx'
import { glyphOf, glyphWord } from '../session/attention.ts'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { hasNews } from './seen.ts'

/** What the group's glyph shows: that of the session that most wants somebody. */
const urgency: readonly GlyphKind[] = ['needs', 'failed', 'working', 'pending', 'waiting', 'done', 'canceled']

const mostUrgent = (sessions: readonly SessionRow[]): SessionRow | undefined =>
  [...sessions].sort((a, b) => urgency.indexOf(glyphOf(a)) - urgency.indexOf(glyphOf(b)))[0]

/** Groups that were unfolded by hand; one that a shown session is in is open anyway. */
const [unfolded, setUnfolded] = createSignal<readonly string[]>([])

/** Sessions of one prompt as one entry, which leads to where they are compared; unfolded, a line each. */
export function GroupRowLink(props: { groupId: string; sessions: readonly SessionRow[] }): JSX.Element {
  const location = useLocation()
  const group = useRow('groups', () => props.groupId)
  const lead = () => mostUrgent(props.sessions)
  const newest = () => Math.max(...props.sessions.map((session) => session.updatedAt))
  const inside = () => props.sessions.some(({ sessionId }) => location.pathname.startsWith(`/session/${sessionId}`))
  const open = () => inside() || unfolded().includes(props.groupId)
  const rows = useReplica().table('sessions')
  const names = createMemo(() => agentNames((group()?.sessionIds ?? []).flatMap((id) => rows().get(id) ?? [])))
  const kept = () => names().get(group()?.chosen ?? '')
  const name = () => group()?.name ?? lead()?.name ?? ''
  return (
    <div class="session-group">
      <A
        href={`/group/${props.groupId}`}
        class="session-row"
        classList={{ unread: props.sessions.some((one) => hasNews(one.sessionId, one.updatedAt)) }}
        data-group={props.groupId}
      >
        <Show when={lead()}>{(one) => <StatusGlyph kind={glyphOf(one())} label={glyphWord(one())} />}</Show>
        <span class="name cut">{name()}</span>
        <span class="aside">
          <Ago at={newest()} />
        </span>
        <span class="meta">
          <span class="cut">{kept() === undefined ? plural(props.sessions.length, 'agent') : `kept ${kept()}`}</span>
          <span class="cost">{money(props.sessions.reduce((sum, session) => sum + session.usd, 0))}</span>
        </span>
      </A>
      <button
        type="button"
        class="unfold"
        aria-expanded={open()}
        aria-label={`Sessions of ${name()}`}
        disabled={inside()}
        onClick={(event) => {
          event.stopPropagation()
          setUnfolded((all) => (open() ? all.filter((id) => id !== props.groupId) : [...all, props.groupId]))
        }}
      >
        <Icon name={open() ? 'chevron-down' : 'chevron-right'} size="small" />
      </button>
      <Show when={open()}>
        <For each={props.sessions}>
          {(session) => (
            <A
              href={`/session/${session.sessionId}`}
              class="session-row member"
              classList={{ unread: hasNews(session.sessionId, session.updatedAt) }}
              data-session={session.sessionId}
            >
              <StatusGlyph kind={glyphOf(session)} label={glyphWord(session)} />
              <span class="name cut">{names().get(session.sessionId)}</span>
              <span class="aside">
                <ProviderMark provider={session.provider} />
                <LinesChanged additions={session.additions} deletions={session.deletions} />
              </span>
            </A>
          )}
        </For>
      </Show>
    </div>
  )
}
