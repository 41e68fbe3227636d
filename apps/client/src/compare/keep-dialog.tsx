import type { GroupRow, SessionRow } from '@coppice/events'
import { createSignal, Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { Segmented } from '../parts/segmented.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { keep, type Keeping } from './keep.ts'

const mergeWords: Record<Keeping['merge'], string> = {
  none: 'Nothing is merged: it goes on as a session of its own.',
  merge: 'What is not committed yet is committed first. Nothing is pushed.',
  squash: 'What is not committed yet is committed first; all becomes one commit. Nothing is pushed.',
}

const otherWords: Record<Keeping['others'], string> = {
  done: 'Each gets a last checkpoint, then its worktree goes. Branch and conversation stay, can be searched, and restored.',
  canceled:
    'Each is stopped and gets a last checkpoint, then its worktree goes. Branch and conversation stay, can be searched, and restored.',
  open: 'They stay as they are, and go on if they work.',
}

/** Asks what becomes of the one that is kept and of the others, and says what each choice keeps. */
export function KeepDialog(props: {
  group: GroupRow
  session: SessionRow
  name: string
  /** The others that have not ended. */
  others: readonly SessionRow[]
  onClose: () => void
}): JSX.Element {
  const { replica } = useReplica()
  const [merge, setMerge] = createSignal<Keeping['merge']>('none')
  const [others, setOthers] = createSignal<Keeping['others']>('canceled')
  const act = () => {
    const choice = { merge: merge(), others: others() }
    void keep(replica, props.group, props.session, props.others, choice)
    props.onClose()
  }
  return (
    <Dialog
      open
      title={`Keep ${props.name}`}
      onClose={props.onClose}
      footer={
        <>
          <span class="grow" />
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button look="primary" onClick={act}>
            Keep it
          </Button>
        </>
      }
    >
      <div>
        <span class="field-label">Merge to {props.session.baseBranch}</span>
        <Segmented
          label={`Merge to ${props.session.baseBranch}`}
          value={merge()}
          onChange={setMerge}
          options={[
            { value: 'none', label: 'Not now' },
            { value: 'merge', label: 'Merge commit' },
            { value: 'squash', label: 'Squash' },
          ]}
        />
        <p class="hint">
          {mergeWords[merge()]}
          {merge() !== 'none' && props.session.status === 'in_progress' ? ' It waits for the end of the turn.' : ''}
        </p>
      </div>
      <Show when={props.others.length > 0}>
        <div>
          <span class="field-label">
            The {props.others.length === 1 ? 'other one' : `other ${props.others.length}`}
          </span>
          <Segmented
            label="The others"
            value={others()}
            onChange={setOthers}
            options={[
              { value: 'canceled', label: 'Cancel' },
              { value: 'done', label: 'Complete' },
              { value: 'open', label: 'Leave open' },
            ]}
          />
          <p class="hint">
            {plural(props.others.length, 'session')}. {otherWords[others()]}
          </p>
        </div>
      </Show>
    </Dialog>
  )
}
