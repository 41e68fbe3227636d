import type { SessionRow } from '@coppice/events'
import { A, useNavigate } from '@solidjs/router'
import { createSignal, Show, type JSX } from 'solid-js'
import { panelOver, setPanelOver } from '../frame/frame-state.ts'
import { Head } from '../frame/head.tsx'
import { usePresence } from '../frame/session-row.tsx'
import { money } from '../format/numbers.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Menu } from '../parts/menu.tsx'
import { Avatars } from '../parts/people.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { ActivityLine, activityWords, useActivity } from './activity.tsx'
import { glyphOf, glyphWord } from './attention.ts'
import { ConflictBadge } from './conflict-badge.tsx'
import { cannotEnd, endSession, renaming, sessionActions, setRenaming } from './session-actions.ts'
import { usePinned } from './use-pinned.ts'

const badges = {
  waiting: '',
  working: 'working',
  done: 'done',
  canceled: '',
  needs: 'needs',
  failed: 'failed',
  pending: '',
} as const

/** Status, name, branch, cost, who is here, connection, Complete and the rest. */
export function SessionHead(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const navigate = useNavigate()
  const activity = useActivity(() => props.session)
  const pinned = usePinned(() => props.session.sessionId)
  const people = usePresence(() => props.session.sessionId)
  return (
    <Head
      after={
        <>
          <Show when={props.session.status !== 'done' && props.session.status !== 'canceled'}>
            <Button
              small
              class="wide-only"
              disabled={cannotEnd(props.session) !== undefined}
              title={cannotEnd(props.session) ?? 'Checkpoint, archive the worktree, keep the branch'}
              onClick={() => endSession(replica, props.session, 'done')}
            >
              Complete
            </Button>
          </Show>
          <IconButton
            icon="panel"
            label="Session panel"
            large
            class="mid-only"
            onClick={() => setPanelOver(!panelOver())}
          />
          <Menu
            label="More"
            class="button quiet small square"
            trigger={<Icon name="more" />}
            items={sessionActions(replica, props.session, pinned())}
          />
        </>
      }
    >
      <IconButton icon="back" label="Back to the sessions" large class="phone-only" onClick={() => navigate('/')} />
      <StatusGlyph kind={glyphOf(props.session)} label={glyphWord(props.session)} />
      <div class="title-stack">
        <Show when={renaming() === props.session.sessionId} fallback={<Name session={props.session} />}>
          <RenameField session={props.session} />
        </Show>
        <span class="subtitle cut">
          {glyphWord(props.session)} · {money(props.session.usd)}
          <Show when={activity()}>{(now) => <> · {activityWords(now())}</>}</Show>
        </span>
      </div>
      <span class={`badge flex-none wide-only ${badges[glyphOf(props.session)]}`} aria-hidden="true">
        {glyphWord(props.session)}
      </span>
      <Show when={props.session.branch !== ''}>
        <span class="badge cut desk-only wide-only" title={props.session.branch}>
          <Icon name="branch" />
          <span class="cut">{props.session.branch.replace(/^coppice\//, '')}</span>
        </span>
      </Show>
      <Show when={props.session.groupId}>
        {(groupId) => (
          <A class="badge flex-none" href={`/group/${groupId()}`} title="The sessions of the same prompt, side by side">
            Compare
          </A>
        )}
      </Show>
      <ConflictBadge session={props.session} words />
      <span class="cut desk-only wide-only text-12 text-supports">
        <ActivityLine session={props.session} />
      </span>
      <span class="grow" />
      <span
        class="wide-page-only flex-none text-12 text-supports"
        title={props.session.usdEstimated ? 'USD over all turns, in part estimated' : 'USD over all turns'}
      >
        {props.session.usdEstimated ? '≈ ' : ''}
        {money(props.session.usd)}
      </span>
      <Show when={people().length > 0}>
        <span class="wide-page-only">
          <Avatars people={people()} label="Here now" />
        </span>
      </Show>
    </Head>
  )
}

function Name(props: { session: SessionRow }): JSX.Element {
  return (
    <h1 class="cut" onDblClick={() => setRenaming(props.session.sessionId)} title={props.session.name}>
      {props.session.name}
    </h1>
  )
}

function RenameField(props: { session: SessionRow }): JSX.Element {
  const { replica } = useReplica()
  const [name, setName] = createSignal(props.session.name)
  const save = () => {
    const next = name().trim()
    if (renaming() !== props.session.sessionId) return
    setRenaming(undefined)
    if (next !== '' && next !== props.session.name)
      void sendToSession(replica, props.session, 'session.rename', { name: next })
  }
  return (
    <input
      class="input small max-w-96"
      aria-label="Session name"
      value={name()}
      ref={(field) =>
        // After the menu that led here has given the focus back.
        setTimeout(() => {
          field.focus()
          field.select()
        }, 50)
      }
      onInput={(event) => setName(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save()
        if (event.key === 'Escape') setRenaming(undefined)
      }}
    />
  )
}
