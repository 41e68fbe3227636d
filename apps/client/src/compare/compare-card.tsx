import type { GroupRow, SessionRow } from '@coppice/events'
import { A } from '@solidjs/router'
import { Show, type JSX } from 'solid-js'
import { count, money, plural, tokens } from '../format/numbers.ts'
import { Operations, useOperations } from '../git/operations.tsx'
import { Button } from '../parts/button.tsx'
import { LinesChanged } from '../parts/lines-changed.tsx'
import { ProviderMark } from '../parts/provider-mark.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { ActivityLine } from '../session/activity.tsx'
import { glyphOf, glyphWord } from '../session/attention.ts'
import { ConflictBadge } from '../session/conflict-badge.tsx'
import { useLastWords } from './last-words.ts'

/** One session of a group: how it stands, what it took, what it changed, what its agent said last. */
export function CompareCard(props: {
  group: GroupRow
  session: SessionRow
  /** What tells it apart from the others. */
  name: string
  onKeep: () => void
}): JSX.Element {
  const words = useLastWords(props.session.sessionId)
  const operations = useOperations(() => props.session.sessionId)
  const kept = () => props.group.chosen === props.session.sessionId
  const ended = () => props.session.status === 'done' || props.session.status === 'canceled'
  return (
    <article class="compare-card" classList={{ kept: kept() }} aria-label={props.name}>
      <header>
        <ProviderMark provider={props.session.provider} />
        <h2 class="cut font-medium">{props.name}</h2>
        <span class="grow" />
        <Show when={kept()}>
          <span class="badge done">Kept</span>
        </Show>
        <ConflictBadge session={props.session} />
      </header>
      <p class="row !gap-1.5">
        <StatusGlyph kind={glyphOf(props.session)} label="" />
        {glyphWord(props.session)}
        <span class="cut text-12 text-meta">
          <ActivityLine session={props.session} />
        </span>
      </p>
      <dl class="facts">
        <dt>Changes</dt>
        <dd class="row !gap-2">
          <LinesChanged additions={props.session.additions} deletions={props.session.deletions} />
          <span class="text-12 text-meta">{plural(props.session.fileCount, 'file')}</span>
        </dd>
        <dt>Cost</dt>
        <dd title={props.session.usdEstimated ? 'In part estimated' : undefined}>
          {props.session.usdEstimated ? '≈ ' : ''}
          {money(props.session.usd)}
        </dd>
        <dt>Tokens</dt>
        <dd>
          {tokens(props.session.inputTokens + props.session.cacheReadTokens)} in, {tokens(props.session.outputTokens)}{' '}
          out
        </dd>
        <dt>Messages</dt>
        <dd>{count(props.session.messageCount)}</dd>
      </dl>
      <div class="last-words" tabIndex={0} role="group" aria-label={`Last words of ${props.name}`}>
        {words() || props.session.lastOutcomeMessage || 'It has said nothing yet.'}
      </div>
      <footer>
        <Button small disabled={ended()} onClick={() => props.onKeep()}>
          {kept() ? 'Merge or end …' : 'Keep this one …'}
        </Button>
        <A class="button small quiet" href={`/session/${props.session.sessionId}`}>
          Open
        </A>
        <A class="button small quiet" href={`/session/${props.session.sessionId}/changes`}>
          Diff
        </A>
      </footer>
      <Show when={kept()}>
        <Operations rows={operations().slice(-4)} session={props.session} />
      </Show>
    </article>
  )
}
