import { ROLES, WORKSPACE_STREAM, workspaceLog, type Role, type WorkspaceRow } from '@coppice/events'
import { invitationAnswerSchema } from '@coppice/protocol'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { exactTime } from '../format/time.ts'
import { Button } from '../parts/button.tsx'
import { Confirm, type Question } from '../parts/confirm.tsx'
import { Avatar } from '../parts/people.tsx'
import { send } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { EachWorkspace } from './each-workspace.tsx'
import { ask } from './http.ts'
import { SecretOnce } from './secret-once.tsx'

/** Who belongs to each workspace, and links that let others in. */
export function Members(): JSX.Element {
  return (
    <>
      <h2 class="text-16 font-semibold">Members</h2>
      <p class="mb-3 text-supports">
        A workspace's members see its sessions and everything in them. A viewer only reads.
      </p>
      <EachWorkspace fallback={<p class="text-meta">There is no workspace yet. Add a repository first.</p>}>
        {(workspace) => <MembersOf workspace={workspace()} />}
      </EachWorkspace>
    </>
  )
}

const grantable = ROLES.filter((role) => role !== 'owner')

function MembersOf(props: { workspace: WorkspaceRow }): JSX.Element {
  const signals = useReplica()
  const { replica } = signals
  const members = signals.table('members')
  const invitations = signals.table('invitations')
  const [role, setRole] = createSignal<Role>('member')
  const [link, setLink] = createSignal<{ link: string; expiresAt: number }>()
  const [problem, setProblem] = createSignal<string>()
  const [question, setQuestion] = createSignal<Question>()
  const address = () => ({ log: workspaceLog(props.workspace.workspaceId), stream: WORKSPACE_STREAM })
  const rows = () => [...members().values()].filter((member) => member.workspaceId === props.workspace.workspaceId)
  const mine = () => rows().find((member) => member.userId === replica.userId)?.role
  const admin = () => mine() === 'owner' || mine() === 'admin'
  const open = () =>
    [...invitations().values()].filter((one) => one.workspaceId === props.workspace.workspaceId && one.state === 'open')
  const invite = async () => {
    setProblem(undefined)
    const answer = await ask(invitationAnswerSchema, '/api/invitations', {
      method: 'POST',
      body: { workspaceId: props.workspace.workspaceId, role: role() },
    })
    if (answer.ok) setLink(answer.data)
    else setProblem(answer.message)
  }
  return (
    <section class="mb-6" aria-label={`Members of ${props.workspace.name}`}>
      <div class="group-head">{props.workspace.name}</div>
      <ul class="list">
        <For each={rows()}>
          {(member) => (
            <li class="list-row !grid-cols-[20px_minmax(0,1fr)_auto]">
              <Avatar person={{ id: member.userId, name: member.name }} />
              <span class="cut">
                {member.name}{' '}
                <Show when={member.userId === replica.userId}>
                  <span class="text-meta">you</span>
                </Show>
              </span>
              <span class="row">
                <Show
                  when={admin() && member.role !== 'owner' && member.userId !== replica.userId}
                  fallback={<span class="badge">{member.role}</span>}
                >
                  <label class="input small !w-auto">
                    <select
                      aria-label={`Role of ${member.name}`}
                      value={member.role}
                      onChange={(event) => {
                        const next = grantable.find((one) => one === event.currentTarget.value)
                        if (next)
                          void send(replica, address(), 'workspace.changeMemberRole', {
                            userId: member.userId,
                            role: next,
                          })
                      }}
                    >
                      <For each={grantable}>
                        {(one) => (
                          <option value={one} selected={one === member.role}>
                            {one}
                          </option>
                        )}
                      </For>
                    </select>
                  </label>
                  <Button
                    small
                    look="quiet"
                    danger
                    onClick={() =>
                      setQuestion({
                        title: `Remove ${member.name} from ${props.workspace.name}?`,
                        text: 'They can no longer read or write here, and their own copy is erased when it connects. What they wrote stays.',
                        verb: `Remove ${member.name}`,
                        danger: true,
                        act: () => void send(replica, address(), 'workspace.removeMember', { userId: member.userId }),
                      })
                    }
                  >
                    Remove …
                  </Button>
                </Show>
              </span>
            </li>
          )}
        </For>
      </ul>
      <Show when={admin()}>
        <div class="row mt-2">
          <span class="text-12 text-supports">Invite as</span>
          <label class="input small !w-auto">
            <select
              aria-label="Role of the invitation"
              value={role()}
              onChange={(event) => setRole(grantable.find((one) => one === event.currentTarget.value) ?? 'member')}
            >
              <For each={grantable}>
                {(one) => (
                  <option value={one} selected={one === role()}>
                    {one}
                  </option>
                )}
              </For>
            </select>
          </label>
          <Button small icon="link" onClick={() => void invite()}>
            Make a link
          </Button>
        </div>
      </Show>
      <Show when={problem()}>
        <p class="hint bad" role="alert">
          {problem()}
        </p>
      </Show>
      <Show when={link()}>
        {(made) => (
          <SecretOnce
            label="Invitation link"
            value={made().link}
            note={`It lets one person in, until ${exactTime(made().expiresAt)}. It is shown only here and only now.`}
            onClose={() => setLink(undefined)}
          />
        )}
      </Show>
      <Show when={open().length > 0}>
        <p class="hint">Open invitations</p>
        <ul>
          <For each={open()}>
            {(invitation) => (
              <li class="row text-12">
                <span class="grow">
                  as {invitation.role}, until {exactTime(invitation.expiresAt)}
                </span>
                <Show when={admin()}>
                  <Button
                    small
                    look="quiet"
                    onClick={() =>
                      void send(replica, address(), 'workspace.revokeInvitation', {
                        invitationId: invitation.invitationId,
                      })
                    }
                  >
                    Revoke
                  </Button>
                </Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Confirm question={question()} onClose={() => setQuestion(undefined)} />
    </section>
  )
}
