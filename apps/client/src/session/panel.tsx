import type { SessionRow } from '@coppice/events'
import { For, lazy, Match, Show, Suspense, Switch, type JSX } from 'solid-js'
import {
  panelFolded,
  panelTab,
  setPanelFolded,
  setPanelOver,
  setPanelTab,
  setPhonePanel,
  type PanelTab,
} from '../frame/frame-state.ts'
import { arrowStep } from '../parts/arrow-step.ts'
import { IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { usePorts } from '../preview/use-ports.ts'
import { tabLooks, tabsOf } from './panel-tabs.ts'
import { SessionInfo } from './session-info.tsx'

const FilesTab = lazy(() => import('../files/files-tab.tsx'))
const SearchTab = lazy(() => import('../files/search-tab.tsx'))
const ContextTab = lazy(() => import('../context/context-tab.tsx'))
const TasksTab = lazy(() => import('../tasks/tasks-tab.tsx'))
const HookLogsTab = lazy(() => import('../hooks/hook-logs-tab.tsx'))
const TerminalTab = lazy(() => import('../terminal/terminal-tab.tsx'))
const PreviewTab = lazy(() => import('../preview/preview-tab.tsx'))
const GitTab = lazy(() => import('../git/git-tab.tsx'))

/** The panel beside a session: one tab at a time, chosen on the rail. */
export function Panel(props: { session: SessionRow }): JSX.Element {
  // What stood open in another session may not be there in this one.
  const current = (): PanelTab => (tabsOf(props.session).includes(panelTab()) ? panelTab() : 'info')
  return (
    <aside class="panel" aria-label="Session panel">
      <div class="panel-in" role="tabpanel" aria-label={tabLooks[current()].title}>
        <header class="head">
          <IconButton
            icon="back"
            label="Back to the session"
            large
            class="phone-only"
            onClick={() => setPhonePanel(false)}
          />
          <h2 class="grow">{tabLooks[current()].title}</h2>
          <IconButton
            icon="panel"
            label="Fold panel"
            large
            class="wide-page-only"
            onClick={() => {
              setPanelFolded(true)
              setPanelOver(false)
            }}
          />
        </header>
        <div class="panel-scroll">
          <Switch>
            <Match when={current() === 'info'}>
              <SessionInfo session={props.session} />
            </Match>
            <Match when={current() === 'files'}>
              <Suspense>
                <FilesTab session={props.session} />
              </Suspense>
            </Match>
            <Match when={current() === 'search'}>
              <Suspense>
                <SearchTab session={props.session} />
              </Suspense>
            </Match>
            <Match when={current() === 'git'}>
              <Suspense>
                <GitTab session={props.session} />
              </Suspense>
            </Match>
            <Match when={current() === 'tasks'}>
              <Suspense>
                <TasksTab session={props.session} />
              </Suspense>
            </Match>
            <Match when={current() === 'hooks'}>
              <Suspense>
                <HookLogsTab session={props.session} />
              </Suspense>
            </Match>
            <Match when={current() === 'preview'}>
              <Suspense>
                <PreviewTab session={props.session} />
              </Suspense>
            </Match>
            <Match when={current() === 'terminal'}>
              <Suspense>
                <TerminalTab session={props.session} />
              </Suspense>
            </Match>
            <Match when={current() === 'context'}>
              <Suspense>
                <ContextTab session={props.session} />
              </Suspense>
            </Match>
          </Switch>
        </div>
      </div>
      <Rail session={props.session} />
    </aside>
  )
}

/** One stop for the Tab key; arrows move over the tabs. */
function Rail(props: { session: SessionRow }): JSX.Element {
  const buttons: HTMLButtonElement[] = []
  const shown = () => tabsOf(props.session)
  const listening = usePorts(() => props.session, false)
  const choose = (tab: PanelTab) => {
    const again = panelTab() === tab && !panelFolded()
    setPanelTab(tab)
    setPanelFolded(again)
    if (!again) setPanelOver(true)
  }
  const move = (event: KeyboardEvent, from: number) => {
    const step = arrowStep(event)
    if (step === 0) return
    event.preventDefault()
    const to = (from + step + shown().length) % shown().length
    const tab = shown()[to]
    if (tab === undefined) return
    setPanelTab(tab)
    setPanelFolded(false)
    buttons[to]?.focus()
  }
  return (
    <div class="rail" role="tablist" aria-orientation="vertical" aria-label="Session tabs">
      <For each={shown()}>
        {(tab, index) => (
          <button
            type="button"
            role="tab"
            ref={(button) => (buttons[index()] = button)}
            aria-selected={panelTab() === tab}
            tabIndex={panelTab() === tab ? 0 : -1}
            title={tabLooks[tab].title}
            onClick={() => choose(tab)}
            onKeyDown={(event) => move(event, index())}
          >
            <Icon name={tabLooks[tab].icon} />
            <span class="label">{tabLooks[tab].label}</span>
            <Show when={tab === 'preview' && listening.ports().length > 0}>
              <span class="n">
                {listening.ports().length}
                <span class="sr-only"> listening</span>
              </span>
            </Show>
            <Show when={tab === 'tasks' && (props.session.tasksRunning ?? 0) > 0}>
              <span class="n">
                {props.session.tasksRunning}
                <span class="sr-only"> running</span>
              </span>
            </Show>
            <Show when={tab === 'hooks' && props.session.hooking}>
              <span class="n">
                1<span class="sr-only"> running</span>
              </span>
            </Show>
            <Show when={tab === 'git' && props.session.fileCount > 0}>
              <span class="n">
                {props.session.fileCount}
                <span class="sr-only"> files changed</span>
              </span>
            </Show>
          </button>
        )}
      </For>
    </div>
  )
}
