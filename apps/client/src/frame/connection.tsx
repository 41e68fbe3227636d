import { createSignal, For, Match, Show, Switch, type JSX } from 'solid-js'
import { namesIn } from '../format/names-in.ts'
import { count, plural } from '../format/numbers.ts'
import { Button } from '../parts/button.tsx'
import { toast } from '../parts/toasts.tsx'
import { useReplica } from '../sync/replica-context.tsx'

/** The one place that tells how the connection is: the right end of every header. */
export function ConnectionState(): JSX.Element {
  const { connection, refused } = useReplica()
  const kind = () => {
    if (refused().length > 0) return 'refused'
    const { state } = connection()
    return state === 'online'
      ? ''
      : state === 'behind'
        ? 'behind'
        : state === 'offline' || state === 'connecting'
          ? 'offline'
          : 'refused'
  }
  const words = () => {
    const { state, waiting } = connection()
    if (refused().length > 0) return `${count(refused().length)} refused`
    switch (state) {
      case 'online':
        return waiting > 0 ? `Sending ${count(waiting)}` : 'On line'
      case 'behind':
        return 'Behind'
      case 'connecting':
        return 'Connecting'
      case 'offline':
        return waiting > 0 ? `Off line, ${count(waiting)} waiting` : 'Off line'
      case 'signed_out':
        return 'Signed out'
      case 'outdated':
        return 'Update needed'
    }
  }
  const title = () => {
    const { state, latencyMs, message, waiting } = connection()
    if (message !== '') return message
    if (state === 'online' && waiting === 0)
      return `Everything sent${latencyMs === undefined ? '' : `; ${Math.round(latencyMs)} ms`}`
    return words()
  }
  return (
    <span class="connection" role="status" title={title()}>
      <span class={`connection-dot ${kind()}`} />
      <span class="words">{words()}</span>
    </span>
  )
}

/** Says more under the header, when it matters. */
export function ConnectionBanner(): JSX.Element {
  const { connection, refused, replica, table } = useReplica()
  const users = table('users')
  const [hidden, setHidden] = createSignal('')
  return (
    <>
      <Switch>
        <Match when={connection().state === 'offline'}>
          <div class="banner" role="status">
            <span class="connection-dot offline" />
            <span class="grow">
              <b>Off line{connection().waiting > 0 ? `, ${count(connection().waiting)} waiting` : ''}.</b>{' '}
              {connection().message || 'You can read, write and queue. It is sent when the server is back.'}
            </span>
          </div>
        </Match>
        <Match when={connection().state === 'behind' && connection().missing > BEHIND_WORTH_TELLING}>
          <div class="banner working" role="status">
            <span class="connection-dot behind" />
            <span class="grow">
              <b>Behind, catching up.</b> {plural(connection().missing, 'event')} to come
            </span>
          </div>
        </Match>
        <Match when={connection().state === 'signed_out'}>
          <div class="banner failed" role="alert">
            <span class="connection-dot refused" />
            <span class="grow">
              <b>Signed out.</b> What is here stays readable, and what you wrote is kept. Open a new link to go on: run{' '}
              <code>coppice link</code> where the server runs.
            </span>
          </div>
        </Match>
        <Match when={connection().state === 'outdated'}>
          <div class="banner failed" role="alert">
            <span class="connection-dot refused" />
            <span class="grow">
              <b>This page and the server do not fit.</b> {connection().message} What you wrote is kept.
            </span>
            <Button small look="quiet" onClick={() => location.reload()}>
              Reload
            </Button>
          </div>
        </Match>
        <Match when={connection().storage === 'full' && hidden() !== 'full'}>
          <div class="banner needs" role="status">
            <span class="grow">
              <b>This device has no room left for its copy.</b> Coppice goes on while the server can be reached; nothing
              is lost. Make room, then reload the page.
            </span>
            <Button small look="quiet" onClick={() => setHidden('full')}>
              Understood
            </Button>
          </div>
        </Match>
        <Match when={connection().storage === 'memory' && hidden() !== 'memory'}>
          <div class="banner needs" role="status">
            <span class="grow">
              <b>Nothing is kept on this device.</b> This browser gives the page no storage (a private window does
              that): it works while the server can be reached.
            </span>
            <Button small look="quiet" onClick={() => setHidden('memory')}>
              Understood
            </Button>
          </div>
        </Match>
      </Switch>
      <Show when={connection().setBack !== '' && hidden() !== connection().setBack}>
        <div class="banner needs" role="status">
          <span class="grow">
            <b>The server was set back.</b> {connection().setBack}
          </span>
          <Button small look="quiet" onClick={() => setHidden(connection().setBack)}>
            Understood
          </Button>
        </div>
      </Show>
      <Show when={connection().distrust !== '' && hidden() !== connection().distrust}>
        <div class="banner failed" role="alert">
          <span class="connection-dot refused" />
          <span class="grow">
            <b>The server's record does not hold.</b> {connection().distrust}
          </span>
          <Button small look="quiet" onClick={() => void copy(connection().distrust)}>
            Copy this
          </Button>
          <Button small look="quiet" onClick={() => setHidden(connection().distrust)}>
            Understood
          </Button>
        </div>
      </Show>
      <For each={refused()}>
        {(one) => (
          <div class="banner failed" role="alert">
            <span class="connection-dot refused" />
            <span class="grow">
              <b>Refused: {namesIn(one.refusal.message, users())}</b>
              <Show when={one.text !== ''}> Your text is kept.</Show>
            </span>
            <Show when={one.text !== ''}>
              <Button
                small
                look="quiet"
                onClick={() => {
                  void copy(one.text)
                }}
              >
                Copy the text
              </Button>
            </Show>
            <Button small look="quiet" onClick={() => void replica.sendAgain(one.commandId)}>
              Send again
            </Button>
            <Button small look="quiet" onClick={() => void replica.dismissRefused(one.commandId)}>
              Dismiss
            </Button>
          </div>
        )}
      </For>
    </>
  )
}

const copy = (text: string): Promise<void> => navigator.clipboard.writeText(text).then(() => void toast('Copied'))

/** A few events behind is the ordinary state of a busy page, not news. */
const BEHIND_WORTH_TELLING = 50
