import { WORKSPACE_STREAM, workspaceLog, type SessionRow } from '@coppice/events'
import type { JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { send } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'

/** A script of the repository waits for somebody to let it run, or not. */
export const asksToTrust = ({ setup, status }: SessionRow): boolean =>
  setup?.state === 'asked' && status !== 'done' && status !== 'canceled'

/** Lets the script run, or refuses it: these very bytes, in all sessions of the workspace (WS-4). */
export function SetupActions(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const answer = (trusted: boolean) => {
    const { setup, workspaceId } = props.session
    if (!setup) return
    const address = { log: workspaceLog(workspaceId), stream: WORKSPACE_STREAM }
    void send(replica, address, 'workspace.trustScript', { path: setup.path, sha256: setup.sha256, trusted })
  }
  return (
    <div class="row flex-wrap">
      <Button small look="primary" onClick={() => answer(true)}>
        Let it run
      </Button>
      <Button small onClick={() => answer(false)}>
        Do not run it
      </Button>
      <span class="text-12 text-meta">
        Counts for all sessions of the workspace, until the script changes. Messages wait for your answer.
      </span>
    </div>
  )
}

/** The whole script, to be read before it is trusted. */
export function SetupScript(props: { text: string; open?: boolean }): JSX.Element {
  return (
    <details class="setup-script" open={props.open === true}>
      <summary class="text-12 text-meta">The script</summary>
      <pre tabIndex={0} role="group" aria-label="The script">
        {props.text}
      </pre>
    </details>
  )
}
