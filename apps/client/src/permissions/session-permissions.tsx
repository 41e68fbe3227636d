import type { SessionRow } from '@coppice/events'
import { Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { cannotEnd } from '../session/session-actions.ts'
import { sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { RuleList } from './rule-list.tsx'

/** What the agent of a session may do without being asked about: strict, plan mode, lasting rules. */
export function SessionPermissions(props: { session: SessionRow }): JSX.Element {
  const signals = useReplica()
  const { replica } = signals
  const workspaces = signals.table('workspaces')
  const over = () => cannotEnd(props.session) !== undefined
  const ofWorkspace = () => workspaces().get(props.session.workspaceId)?.rules?.length ?? 0
  return (
    <section class="section">
      <h3>Permissions</h3>
      <label class="switch-row">
        <input
          type="checkbox"
          checked={props.session.planMode === true}
          disabled={over()}
          onChange={(event) =>
            void sendToSession(replica, props.session, 'session.setPlanMode', { planMode: event.currentTarget.checked })
          }
        />
        <span>
          Plan mode
          <span class="block text-12 text-meta">The agent reads only. What would change something is rejected.</span>
        </span>
      </label>
      <label class="switch-row">
        <input
          type="checkbox"
          checked={props.session.strict === true}
          disabled={over()}
          onChange={(event) =>
            void sendToSession(replica, props.session, 'session.setStrict', { strict: event.currentTarget.checked })
          }
        />
        <span>
          Strict
          <span class="block text-12 text-meta">In Manual, reads that the agent asks for wait for you, too.</span>
        </span>
      </label>
      <Show
        when={(props.session.rules ?? []).length > 0}
        fallback={<p class="hint">No rules: “Always allow” on a step makes one.</p>}
      >
        <RuleList
          label="Rules of this session"
          rules={props.session.rules ?? []}
          onRemove={
            over()
              ? undefined
              : (ruleId) => void sendToSession(replica, props.session, 'session.removeRule', { ruleId })
          }
        />
      </Show>
      <Show when={ofWorkspace() > 0}>
        <p class="hint">
          And{' '}
          <a class="link" href="/settings/workspaces">
            {plural(ofWorkspace(), 'rule')} of the workspace
          </a>
          .
        </p>
      </Show>
    </section>
  )
}
