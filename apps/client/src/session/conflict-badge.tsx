import type { SessionRow } from '@coppice/events'
import { Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { Icon } from '../parts/icon.tsx'
import { useReplica } from '../sync/replica-context.tsx'

/** That the files of this session would not merge with those of others that are open, with which, and where. */
export function ConflictBadge(props: { session: SessionRow; words?: boolean }): JSX.Element {
  const sessions = useReplica().table('sessions')
  const found = () => props.session.conflicts ?? []
  const all = () =>
    found()
      .map(({ sessionId, files }) => `${sessions().get(sessionId)?.name ?? 'another session'}: ${files.join(', ')}`)
      .join('\n')
  const label = () => `Conflicts with ${plural(found().length, 'session')}\n${all()}`
  return (
    <Show when={found().length > 0}>
      <span class="badge failed flex-none" title={label()} role="img" aria-label={label()}>
        <Icon name="warn" size="small" />
        <Show when={props.words}>Conflict</Show>
      </span>
    </Show>
  )
}
