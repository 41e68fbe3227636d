import type { SessionRow } from '@coppice/events'
import type { DiffScope } from '@coppice/protocol'
import { Show, type JSX } from 'solid-js'
import { ago, exactTime } from '../format/time.ts'
import { now } from '../format/clock.tsx'
import { Head } from '../frame/head.tsx'
import { IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { LinesChanged } from '../parts/lines-changed.tsx'
import { Menu, type MenuItems } from '../parts/menu.tsx'
import { Segmented } from '../parts/segmented.tsx'
import { useOfSession } from '../sync/of-session.ts'
import type { Blame } from './blame.ts'
import type { FileModel } from './file-model.ts'
import type { LayoutChoice } from './layout-choice.ts'
import { scopeText, scopeWords } from './scope-words.ts'

/** Turns that the menu offers, the newest. */
const TURNS = 8

/** What is compared, how much of it was viewed, and how it is laid out. */
export function ChangesHead(props: {
  session: SessionRow
  scope: DiffScope
  setScope: (scope: DiffScope) => void
  files: readonly FileModel[]
  viewed: number
  choice: LayoutChoice
  narrow: boolean
  blame: Blame
  showResolved: boolean
  setShowResolved: (show: boolean) => void
  back: () => void
}): JSX.Element {
  const checkpoints = useOfSession('checkpoints', () => props.session.sessionId)
  const sum = (side: 'additions' | 'deletions') => props.files.reduce((all, file) => all + file.info()[side], 0)
  const commit = () => (props.scope.kind === 'commit' ? '' : props.session.baseCommit.slice(0, 7))
  const choose = (scope: DiffScope, label: string) => ({
    label,
    checked: scopeText(scope) === scopeText(props.scope),
    act: () => props.setScope(scope),
  })
  const turns = (): MenuItems => {
    const began = checkpoints().filter((one) => one.reason === 'turn_start')
    const ended = new Map(checkpoints().flatMap((one) => (one.reason === 'turn_end' ? [[one.turnId, one]] : [])))
    return began
      .slice(-TURNS)
      .reverse()
      .flatMap((one) => {
        const end = ended.get(one.turnId)
        const when = ago(one.at, now())
        const words = when === 'now' ? 'just begun' : `of ${when} ago`
        return [
          choose({ kind: 'checkpoint', from: one.checkpointId }, `Since the turn ${words} began`),
          ...(end
            ? [choose({ kind: 'checkpoint', from: one.checkpointId, to: end.checkpointId }, `Only the turn ${words}`)]
            : []),
        ]
      })
  }
  const scopes = (): MenuItems => [
    choose({ kind: 'base' }, scopeWords({ kind: 'base' })),
    choose({ kind: 'head' }, scopeWords({ kind: 'head' })),
    choose({ kind: 'staged' }, 'Staged: what a commit would take'),
    choose({ kind: 'index' }, 'Not staged: what a commit would leave'),
    ...(turns().length > 0 ? [null, ...turns()] : []),
  ]
  const more = (): MenuItems => [
    {
      label: 'Hide changes of white space',
      checked: props.choice.ignoreSpace(),
      act: () => props.choice.setIgnoreSpace(!props.choice.ignoreSpace()),
    },
    {
      label: 'Blame: which turn wrote each line',
      checked: props.blame.on(),
      keys: ['B'],
      act: props.blame.toggle,
    },
    {
      label: 'Show resolved comments',
      checked: props.showResolved,
      act: () => props.setShowResolved(!props.showResolved),
    },
    null,
    { label: 'Unfold all files', act: () => props.files.forEach((file) => file.setOpen(true)) },
    { label: 'Fold all files', act: () => props.files.forEach((file) => file.setOpen(false)) },
  ]
  return (
    <Head>
      <IconButton icon="back" label="Back to the session" large onClick={() => props.back()} />
      <h1 class="cut">{props.session.name}</h1>
      <span class="text-meta wide-only">Changes</span>
      <Menu
        label={`Compare: ${scopeWords(props.scope)}`}
        class="button quiet small min-w-0"
        title={exactTime(props.session.createdAt)}
        trigger={
          <>
            <span class="cut">{scopeWords(props.scope)}</span>
            <Show when={props.scope.kind === 'base'}>
              <span class="text-meta wide-only">{commit()}</span>
            </Show>
            <Icon name="chevron-down" size="small" />
          </>
        }
        items={scopes()}
      />
      <span class="grow" />
      <Show when={props.files.length > 0}>
        <span class="wide-only">
          <LinesChanged additions={sum('additions')} deletions={sum('deletions')} />
        </span>
        <span class="text-12 diff-progress wide-only">
          {props.viewed} of {props.files.length} viewed
        </span>
      </Show>
      <Show when={!props.narrow}>
        <Segmented
          small
          label="Layout"
          value={props.choice.split() ? 'split' : 'unified'}
          options={[
            { value: 'split', label: 'Split' },
            { value: 'unified', label: 'Unified' },
          ]}
          onChange={(value) => props.choice.setSplit(value === 'split')}
        />
      </Show>
      <Menu
        label="More about the diff"
        trigger={<Icon name="more" />}
        class="button quiet square small"
        items={more()}
      />
    </Head>
  )
}
