import { newId, type GitOperation, type SessionRow } from '@coppice/events'
import type { DiffScope } from '@coppice/protocol'
import { LIMITS } from '@coppice/events'
import type { Replica } from '@coppice/replica'
import { Show, type JSX } from 'solid-js'
import type { DiffLine } from '../git/hunks.ts'
import { Button } from '../parts/button.tsx'
import type { Question } from '../parts/confirm.tsx'
import { toast } from '../parts/toasts.tsx'
import { sendToSession } from '../sync/commands.ts'
import type { FileModel } from './file-model.ts'
import { hunkPatch } from './hunk-patch.ts'

type How = Extract<GitOperation, { kind: 'lines' }>['how']

/** Staging, unstaging and discarding parts of a file: what the viewer's hunks can do in a scope. */
export interface HunkActions {
  /** What is possible in this scope; nothing where it compares other things than index and worktree. */
  possible(scope: DiffScope): readonly How[]
  /** A hunk, or those of its lines that are chosen. */
  act(file: FileModel, hunk: number, how: How, chosen?: (line: DiffLine) => boolean): void
}

export function createHunkActions(of: {
  readonly replica: Replica
  readonly session: () => SessionRow
  readonly ask: (question: Question) => void
}): HunkActions {
  const request = (operation: GitOperation) =>
    void sendToSession(of.replica, of.session(), 'git.request', { operationId: newId(), operation })
  return {
    possible: (scope) => (scope.kind === 'index' ? ['stage', 'discard'] : scope.kind === 'staged' ? ['unstage'] : []),
    act(file, index, how, chosen) {
      const patch = file.patch()
      const hunk = patch.kind === 'text' ? patch.hunks[index] : undefined
      if (patch.kind !== 'text' || !hunk) return
      const operation = operationOf(
        file,
        patch.hunks.length,
        how,
        hunkPatch(hunk, chosen ?? (() => true), how === 'stage' ? 'forward' : 'back'),
        chosen !== undefined,
      )
      if (typeof operation === 'string') toast(operation, { bad: true })
      else if (how !== 'discard') request(operation)
      else
        of.ask({
          title: chosen ? 'Discard these lines?' : 'Discard this change?',
          text: 'A checkpoint is taken first and keeps what goes.',
          items: [file.path],
          verb: 'Discard',
          danger: true,
          act: () => request(operation),
        })
    },
  }
}

/** The only hunk of a file that came or went is the file itself. */
function operationOf(
  file: FileModel,
  hunks: number,
  how: How,
  patch: string | undefined,
  some: boolean,
): GitOperation | string {
  const { status } = file.info()
  if (!some && hunks === 1 && status !== 'modified') return { kind: how, paths: [file.path] }
  if (file.sides().ignoreSpace)
    return 'Show changes of white space first: without them the lines are not as git has them.'
  if (patch === undefined) return 'None of the chosen lines changes anything.'
  if (patch.length > LIMITS.hunkChars)
    return `This is more than ${LIMITS.hunkChars} characters: choose fewer lines, or take the whole file.`
  return { kind: 'lines', how, path: file.path, hunks: patch }
}

const words: Readonly<Record<How, string>> = { stage: 'Stage', unstage: 'Unstage', discard: 'Discard …' }

/** The buttons in the head of a hunk. */
export function HunkButtons(props: {
  possible: readonly How[]
  /** Some of its lines are chosen. */
  some: boolean
  act: (how: How, some: boolean) => void
}): JSX.Element {
  return (
    <span class="diff-hunk-acts">
      <Show when={props.some}>
        {props.possible.map((how) => (
          <Button small look="quiet" danger={how === 'discard'} onClick={() => props.act(how, true)}>
            {how === 'discard' ? 'Discard chosen …' : `${words[how]} chosen`}
          </Button>
        ))}
      </Show>
      {props.possible.map((how) => (
        <Button small look="quiet" danger={how === 'discard'} onClick={() => props.act(how, false)}>
          {words[how]}
        </Button>
      ))}
    </span>
  )
}
