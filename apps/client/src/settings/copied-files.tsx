import { copiedByDefault, WORKSPACE_STREAM, workspaceLog, type WorkspaceRow } from '@coppice/events'
import { createEffect, createSignal, on, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { send } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'

const patternsOf = (workspace: WorkspaceRow): string => (workspace.copiedFiles ?? copiedByDefault).join('\n')

/** Which ignored files each new worktree gets a copy of (WS-2). */
export function CopiedFiles(props: { workspace: WorkspaceRow }): JSX.Element {
  const { replica } = useReplica()
  const [text, setText] = createSignal('')
  createEffect(on(() => patternsOf(props.workspace), setText))
  const patterns = () =>
    text()
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
  const changed = () => patterns().join('\n') !== patternsOf(props.workspace)
  const save = () => {
    const address = { log: workspaceLog(props.workspace.workspaceId), stream: WORKSPACE_STREAM }
    void send(replica, address, 'workspace.setCopiedFiles', { patterns: patterns() })
  }
  return (
    <form
      class="mt-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (changed()) save()
      }}
    >
      <Field
        label={`Ignored files that new worktrees of ${props.workspace.name} get a copy of`}
        hint="A pattern a line, as in .gitignore. Copied from the repository on the runner; what git tracks is there anyway."
      >
        {(ids) => (
          <textarea
            id={ids.id}
            class="input small mono"
            rows={3}
            spellcheck={false}
            aria-describedby={ids.describedBy}
            value={text()}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
      <Button type="submit" small disabled={!changed()}>
        Save
      </Button>
    </form>
  )
}
