import type { ProcessRow, SessionRow } from '@coppice/events'
import { useNavigate, useParams } from '@solidjs/router'
import { createSignal, For, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { setPhonePanel } from '../frame/frame-state.ts'
import { Head } from '../frame/head.tsx'
import { Button, IconButton } from '../parts/button.tsx'
import { Panel } from '../session/panel.tsx'
import { sendToSession } from '../sync/commands.ts'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { runs, useProcesses } from '../tasks/use-processes.ts'
import type { OpenTerminal } from './open-terminal.ts'
import type { LinkState } from './terminal-link.ts'

/** A terminal of a session, beside the session's panel. */
export default function TerminalPage(): JSX.Element {
  const params = useParams()
  const navigate = useNavigate()
  const { replica } = useReplica()
  const sessionId = () => params['sessionId'] ?? ''
  const runId = () => params['runId'] ?? ''
  const session = useRow('sessions', sessionId)
  const processes = useProcesses(sessionId)
  const run = () => processes().find((row) => row.runId === runId())
  document.title = 'Terminal · Coppice'
  return (
    <Show when={session()}>
      {(row) => (
        <>
          <main class="main">
            <Head
              after={
                <IconButton
                  icon="panel"
                  label="Terminals"
                  large
                  class="phone-only"
                  onClick={() => setPhonePanel((on) => !on)}
                />
              }
            >
              <IconButton
                icon="back"
                label="Back to the session"
                large
                onClick={() => navigate(`/session/${sessionId()}`)}
              />
              <h1 class="cut">Terminal</h1>
              <span class="grow" />
              <Show when={run() && runs(run() as ProcessRow)}>
                <Button
                  small
                  icon="square"
                  disabled={run()?.stopping === true}
                  onClick={() => void sendToSession(replica, row(), 'process.stop', { runId: runId() })}
                >
                  End
                </Button>
              </Show>
            </Head>
            <Show when={runId()} keyed>
              {(id) => <Screen session={row()} runId={id} run={run()} />}
            </Show>
          </main>
          <Panel session={row()} />
        </>
      )}
    </Show>
  )
}

const stateWords: Record<LinkState, string> = {
  opening: 'Opening',
  open: '',
  away: 'Not connected; it is tried again',
  ended: 'Not connected',
}

/** What touch keyboards lack. */
const keys: readonly { label: string; name: string; text: string }[] = [
  { label: 'Esc', name: 'Escape', text: '\u001b' },
  { label: 'Tab', name: 'Tab', text: '\t' },
  { label: '^C', name: 'Control C', text: '\u0003' },
  { label: '^D', name: 'Control D', text: '\u0004' },
  { label: '↑', name: 'Up', text: '\u001b[A' },
  { label: '↓', name: 'Down', text: '\u001b[B' },
  { label: '←', name: 'Left', text: '\u001b[D' },
  { label: '→', name: 'Right', text: '\u001b[C' },
]

function Screen(props: { session: SessionRow; runId: string; run: ProcessRow | undefined }): JSX.Element {
  const [state, setState] = createSignal<LinkState>('opening')
  const [why, setWhy] = createSignal('')
  const [writes, setWrites] = createSignal(true)
  const over = () => props.run !== undefined && !runs(props.run)
  let place: HTMLDivElement | undefined
  let terminal: OpenTerminal | undefined
  let gone = false
  const begin = async (): Promise<void> => {
    const { openTerminal } = await import('./open-terminal.ts')
    if (!place || gone) return
    const { workspaceId, sessionId } = props.session
    const state = (next: LinkState, words: string): void => {
      setState(next)
      setWhy(words)
    }
    terminal = openTerminal(place, `/terminals/${workspaceId}/${sessionId}/${props.runId}`, {
      state,
      mayWrite: setWrites,
    })
    terminal.focus()
  }
  onMount(() => void begin())
  onCleanup(() => {
    gone = true
    terminal?.close()
  })
  return (
    <>
      <Show when={over()}>
        <p class="banner" role="status">
          The terminal has ended{props.run?.message ? `: ${props.run.message}` : '.'} What it showed is not kept.
        </p>
      </Show>
      <Show when={!over() && state() !== 'open'}>
        <p class="banner" role="status">
          {stateWords[state()]}
          <Show when={why() !== ''}>: {why()}</Show>
        </p>
      </Show>
      <Show when={!over() && !writes()}>
        <p class="banner" role="status">
          You look on: members of the workspace type here.
        </p>
      </Show>
      <div class="terminal-screen" role="region" aria-label="Terminal" ref={(element) => (place = element)} />
      <Show when={writes() && !over()}>
        <div class="terminal-keys" role="toolbar" aria-label="Keys">
          <For each={keys}>
            {(key) => (
              <Button
                small
                aria-label={key.name}
                onClick={() => {
                  terminal?.type(key.text)
                  terminal?.focus()
                }}
              >
                {key.label}
              </Button>
            )}
          </For>
        </div>
      </Show>
    </>
  )
}
