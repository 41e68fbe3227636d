import { newId, type OperationRow, type SessionRow } from '@coppice/events'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { useOperations } from '../git/operations.tsx'
import { Button } from '../parts/button.tsx'
import { sendToSession } from '../sync/commands.ts'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { CommandDialog } from './command-dialog.tsx'
import { useSameMachine } from './same-machine.ts'
import { UploadDialog } from './upload-dialog.tsx'

/** Which way to use when (I-31). */
const ways: readonly (readonly [when: string, way: string])[] = [
  ['Look only', 'Open in IDE'],
  ['Quick try', 'Open in IDE, then Upload from IDE'],
  ['Commits with their history', 'Open in IDE, commit, push, then Pull from IDE'],
  ['Run the tests locally', 'Pull from IDE'],
]

/** Going on with a session in an editor of one's own, and bringing that back (I-2 to I-6). Not in chats, nor where it is read-only. */
export function IdeBlock(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const [asked, setAsked] = createSignal<'open' | 'upload'>()
  const [looking, setLooking] = createSignal<OperationRow>()
  const member = useRow('members', () => `${props.session.workspaceId}/${replica.userId}`)
  const operations = useOperations(() => props.session.sessionId)
  const readOnly = () =>
    props.session.status === 'done' || props.session.status === 'canceled' || member()?.role === 'viewer'
  const offers = () => operations().filter((row) => row.state === 'offered' && row.by === replica.userId)
  const ready = () => props.session.worktree === 'ready'
  const here = useSameMachine(() => props.session)
  const why = () => (ready() ? undefined : 'The session has no worktree right now.')
  const pull = () =>
    void sendToSession(replica, props.session, 'git.request', {
      operationId: newId(),
      operation: { kind: 'pullIde' },
    })
  return (
    <Show when={props.session.mode === 'develop' && !readOnly()}>
      <div class="ide-block" role="group" aria-label="Continue this session in your local IDE">
        <h4>Continue this session in your local IDE</h4>
        <div class="action-grid">
          <Button look="quiet" icon="download" disabled={!ready()} title={why()} onClick={() => setAsked('open')}>
            Open in IDE
          </Button>
          <Button look="quiet" icon="upload" disabled={!ready()} title={why()} onClick={() => setAsked('upload')}>
            Upload from IDE
          </Button>
          <Button look="quiet" icon="pull" disabled={!ready()} title={why()} onClick={pull}>
            Pull from IDE (Remote)
          </Button>
          <Show when={here() && props.session.worktreePath !== ''}>
            <a
              class="button quiet"
              href={`vscode://file${encodeURI(props.session.worktreePath)}`}
              title="The runner is on this machine: the worktree itself, in VS Code"
            >
              Open in editor
            </a>
          </Show>
        </div>
        <For each={offers()}>
          {(offer) => (
            <div class="banner needs" role="status">
              <span class="grow">
                An upload waits for you: {plural(offer.upload?.changedCount ?? 0, 'file')},{' '}
                {plural(offer.upload?.deletedCount ?? 0, 'deletion')}.
              </span>
              <Button small onClick={() => setLooking(offer)}>
                Look and confirm
              </Button>
            </div>
          )}
        </For>
        <details>
          <summary class="text-12 text-meta">Which way when</summary>
          <dl class="facts wrap">
            <For each={ways}>
              {([when, way]) => (
                <>
                  <dt>{when}</dt>
                  <dd>{way}</dd>
                </>
              )}
            </For>
          </dl>
        </details>
      </div>
      <Show when={asked()} keyed>
        {(operation) => (
          <CommandDialog session={props.session} operation={operation} onClose={() => setAsked(undefined)} />
        )}
      </Show>
      <Show when={looking()} keyed>
        {(offer) => <UploadDialog session={props.session} offer={offer} onClose={() => setLooking(undefined)} />}
      </Show>
    </Show>
  )
}
