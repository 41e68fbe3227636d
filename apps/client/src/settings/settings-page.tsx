import { A, useLocation, useParams } from '@solidjs/router'
import { createEffect, createSignal, For, Match, onMount, Show, Switch, type JSX } from 'solid-js'
import { setTheme, theme } from '../frame/frame-state.ts'
import { Head } from '../frame/head.tsx'
import { Icon } from '../parts/icon.tsx'
import { Segmented } from '../parts/segmented.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import type { Bodies } from '@coppice/replica'
import { Button } from '../parts/button.tsx'
import { deviceBodies, setDeviceBodies } from './device-bodies.ts'
import { Secrets } from '../secrets/secrets-page.tsx'
import { Bots } from '../bots/bots-page.tsx'
import { Hooks } from '../hooks/hooks-page.tsx'
import { Runners } from '../runners/runners-page.tsx'
import { Members } from './members.tsx'
import { settingsPages, settingsPath } from './settings-pages.ts'
import { Tokens } from './tokens.tsx'
import { Workspaces } from './workspaces.tsx'

/** Settings, a page a subject. */
export default function SettingsPage(): JSX.Element {
  const params = useParams()
  const location = useLocation()
  onMount(() => (document.title = 'Settings · Coppice'))
  const at = () => params['page'] ?? ''
  let nav: HTMLElement | undefined
  // On a narrow page the subjects are a strip that scrolls.
  createEffect(() => {
    at()
    nav?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  })
  return (
    <main class="main">
      <Head>
        <h1>Settings</h1>
        <span class="grow" />
      </Head>
      <div class="settings">
        <nav class="settings-nav" aria-label="Settings" ref={(element) => (nav = element)}>
          <For each={settingsPages}>
            {(page) => (
              <A
                class="nav-row"
                href={settingsPath(page)}
                aria-current={location.pathname === settingsPath(page) ? 'page' : undefined}
              >
                <Icon name={page.icon} />
                {page.label}
              </A>
            )}
          </For>
        </nav>
        <div class="page">
          <div class="page-in">
            <Switch fallback={<General />}>
              <Match when={at() === 'workspaces'}>
                <Workspaces />
              </Match>
              <Match when={at() === 'hooks'}>
                <Hooks />
              </Match>
              <Match when={at() === 'members'}>
                <Members />
              </Match>
              <Match when={at() === 'bots'}>
                <Bots />
              </Match>
              <Match when={at() === 'runners'}>
                <Runners />
              </Match>
              <Match when={at() === 'tokens'}>
                <Tokens />
              </Match>
              <Match when={at() === 'secrets'}>
                <Secrets />
              </Match>
            </Switch>
          </div>
        </div>
      </div>
    </main>
  )
}

const storageWords = {
  full: 'there is no room left for a copy here: it works while the server can be reached',
  persistent: 'a copy of your workspaces is kept here and works off line',
  memory: 'nothing is kept here; works while the server can be reached',
  opening: 'the copy of your workspaces is being made',
}

const begunWith = deviceBodies()

function General(): JSX.Element {
  const { connection } = useReplica()
  const [bodies, setBodies] = createSignal(deviceBodies())
  const keep = (next: Bodies): void => {
    setDeviceBodies(next)
    setBodies(next)
  }
  return (
    <>
      <h2 class="mb-3 text-16 font-semibold">General</h2>
      <span class="field-label">Theme</span>
      <Segmented
        label="Theme"
        value={theme()}
        onChange={setTheme}
        options={[
          { value: 'system', label: 'System' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
      />
      <h3 class="field-label mt-6">This device</h3>
      <dl class="facts wrap wrap">
        <dt>Storage</dt>
        <dd>{storageWords[connection().storage]}</dd>
        <dt>Conversations</dt>
        <dd>
          <Segmented
            label="Conversations kept on this device"
            value={bodies()}
            onChange={keep}
            options={[
              { value: 'all', label: 'All' },
              { value: 'opened', label: 'Those I open' },
            ]}
          />
          <Show when={bodies() !== begunWith}>
            <p class="mt-2 text-supports">
              Counts when every tab of this app has been reloaded.{' '}
              <Button small look="quiet" onClick={() => window.location.reload()}>
                Reload this one
              </Button>
            </p>
          </Show>
        </dd>
        <dt>Outbox</dt>
        <dd>{connection().waiting === 0 ? 'everything sent' : `${connection().waiting} waiting to be sent`}</dd>
        <dt>Version</dt>
        <dd>{__APP_VERSION__}</dd>
      </dl>
    </>
  )
}
