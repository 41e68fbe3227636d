import type { RunActivity, SessionRow } from '@coppice/events'
import { createSignal, onCleanup, Show, type JSX } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'

/** What the session's agent is at; undefined while it does not work, or is not told of. */
export function useActivity(session: () => SessionRow): () => RunActivity | undefined {
  const { replica } = useReplica()
  const [told, setTold] = createSignal(0)
  onCleanup(replica.onActivity((changed) => changed === session().sessionId && setTold((n) => n + 1)))
  return () => {
    told()
    const known = replica.activity(session().sessionId)
    return known && !known.over && known.turnId === session().turnId ? known.activity : undefined
  }
}

/** "Edit src/app.ts", as short as it goes. */
export function activityWords({ lastTool, lastFile }: RunActivity): string {
  const file = lastFile.slice(lastFile.lastIndexOf('/') + 1)
  if (lastTool === '') return 'thinking'
  return lastTool.includes(file) ? lastTool : `${lastTool} ${file}`
}

/** Everything that is known of it, for the pointer that rests on it. */
function allWords({ filesCreated, filesEdited, toolCalls, summary }: RunActivity): string {
  const files = `${filesCreated.length} created, ${filesEdited.length} edited`
  return `${toolCalls} ${toolCalls === 1 ? 'step' : 'steps'}, files: ${files}${summary === '' ? '' : `\n…${summary}`}`
}

/** What the agent is at, in one line that takes no room of its own. */
export function ActivityLine(props: { session: SessionRow }): JSX.Element {
  const activity = useActivity(() => props.session)
  return (
    <Show when={activity()}>
      {(now) => (
        <span class="cut" title={allWords(now())}>
          {activityWords(now())}
        </span>
      )}
    </Show>
  )
}
