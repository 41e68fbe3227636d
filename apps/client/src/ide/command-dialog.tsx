import type { SessionRow } from '@coppice/events'
import { ideTokenAnswerSchema } from '@coppice/protocol'
import { createResource, For, Show, type JSX } from 'solid-js'
import { exactTime } from '../format/time.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { toast } from '../parts/toasts.tsx'
import { ask } from '../settings/http.ts'

const words = {
  open: {
    title: 'Open in IDE',
    text: 'Paste it into a shell in the folder where the session is to lie. A working clone of it is downloaded and opened: in $COPPICE_IDE, else in code, cursor, zed or idea; else its path is printed.',
  },
  upload: {
    title: 'Upload from IDE',
    text: 'Paste it into a shell in the clone that "Open in IDE" made. What is not committed there is sent, deletions included; here you confirm it before anything is applied.',
  },
} as const

/** The two commands, each with a token that works once, for five minutes (I-8, I-14). */
export function CommandDialog(props: {
  session: SessionRow
  operation: 'open' | 'upload'
  onClose: () => void
}): JSX.Element {
  const [answer, { refetch }] = createResource(() => {
    const { workspaceId, sessionId } = props.session
    const body = { workspaceId, sessionId, operation: props.operation }
    return ask(ideTokenAnswerSchema, '/api/ide-tokens', { method: 'POST', body })
  })
  const good = () => {
    const found = answer.latest
    return found?.ok ? found.data : undefined
  }
  const copy = async (text: string): Promise<void> => {
    await navigator.clipboard.writeText(text)
    toast('Copied.')
  }
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={words[props.operation].title}
      footer={
        <>
          <span class="grow text-12 text-meta">
            <Show when={good()}>{(found) => <>Works once, until {exactTime(found().expiresAt).slice(11, 16)}</>}</Show>
          </span>
          <Button look="quiet" onClick={() => void refetch()}>
            New commands
          </Button>
          <Button look="primary" onClick={() => props.onClose()}>
            Done
          </Button>
        </>
      }
    >
      <p class="text-supports">{words[props.operation].text}</p>
      <Show when={answer.latest?.ok === false && answer.latest}>
        {(failed) => (
          <p class="hint bad" role="alert">
            {failed().message}
          </p>
        )}
      </Show>
      <For
        each={[
          { shell: 'Bash', on: 'macOS, Linux, WSL, Git Bash', line: () => good()?.bash ?? '' },
          { shell: 'PowerShell', on: 'Windows', line: () => good()?.powershell ?? '' },
        ]}
      >
        {({ shell, on, line }) => (
          <div class="mt-3">
            <div class="row">
              <span class="field-label !mb-0 grow">
                {shell} <span class="text-meta">{on}</span>
              </span>
              <Button
                small
                icon="copy"
                disabled={line() === ''}
                aria-label={`Copy the ${shell} command`}
                onClick={() => void copy(line())}
              >
                Copy
              </Button>
            </div>
            <pre class="command-line" tabIndex={0} aria-label={`${shell} command`}>
              {line()}
            </pre>
          </div>
        )}
      </For>
    </Dialog>
  )
}
