import type { RunnerRow, SessionRow, WorkspaceRow } from '@coppice/events'
import type { RunnerState } from '@coppice/protocol'
import { A } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { gibibytes, plural } from '../format/numbers.ts'
import { ProviderMark } from '../parts/provider-mark.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { glyphOf, glyphWord } from '../session/attention.ts'

/** Sessions that are named; the rest is counted. */
const NAMED = 8

/** One runner: where it runs, what it can start, how it is doing, what it has. */
export function RunnerCard(props: {
  runner: RunnerRow
  online: boolean
  state: RunnerState | undefined
  sessions: readonly SessionRow[]
  serves: readonly WorkspaceRow[]
}): JSX.Element {
  const figures = () => props.state?.figures
  const there = () => props.runner.providers.filter((one) => one.available)
  const missing = () => props.runner.providers.filter((one) => !one.available)
  return (
    <article class="runner-card" aria-label={`Runner ${props.runner.name}`}>
      <header>
        <h3 class="cut font-medium">{props.runner.name}</h3>
        <span class="badge" classList={{ working: props.online }}>
          {props.online ? 'Connected' : 'Away'}
        </span>
        <span class="grow" />
        <span class="text-12 text-meta">
          <Show when={props.state?.lastContact} fallback={props.online ? '' : 'not heard of since the server started'}>
            {(at) => (
              <>
                last heard <Ago at={at()} suffix="ago" />
              </>
            )}
          </Show>
        </span>
      </header>
      <Show when={figures()?.shortOf}>
        {(why) => (
          <p class="hint bad" role="status">
            Nothing new begins here: {why()}.
          </p>
        )}
      </Show>
      <dl class="facts wrap">
        <dt>Machine</dt>
        <dd>
          {props.runner.host || 'not said yet'}
          <span class="text-meta">
            {props.runner.version ? `, runner ${props.runner.version}` : ''}
            {props.runner.gitVersion ? `, git ${props.runner.gitVersion}` : ''}, sandbox{' '}
            {props.runner.sandbox === true ? 'there' : 'not there'}
          </span>
        </dd>
        <Show when={figures()}>
          {(now) => (
            <>
              <dt>Work</dt>
              <dd>
                {now().working} of {now().most} sessions at work
                {now().waiting > 0 ? `, ${now().waiting} in line` : ''}
                {(now().stale ?? 0) > 0 ? `, ${now().stale ?? 0} without any change` : ''}
              </dd>
              <dt>Load</dt>
              <dd>{Math.round(now().load * 100)} % of its processors in the last minute</dd>
              <dt>Memory</dt>
              <dd>
                {gibibytes(now().memoryFree)} free of {gibibytes(now().memoryTotal)}
              </dd>
              <dt>Disk</dt>
              <dd>{gibibytes(now().diskFree)} free</dd>
            </>
          )}
        </Show>
        <dt>Agents</dt>
        <dd>
          <span class="row flex-wrap !gap-x-3 !gap-y-1">
            <For each={there()} fallback={<span class="text-meta">none found</span>}>
              {(one) => (
                <span class="row !gap-1">
                  <ProviderMark provider={one.id} />
                  {one.name} <span class="text-meta">{one.version}</span>
                </span>
              )}
            </For>
          </span>
          <Show when={missing().length > 0}>
            <details class="text-12 text-meta">
              <summary>{plural(missing().length, 'agent')} not there</summary>
              <ul>
                <For each={missing()}>
                  {(one) => (
                    <li>
                      {one.name}: {one.reason}
                    </li>
                  )}
                </For>
              </ul>
            </details>
          </Show>
        </dd>
        <dt>Serves</dt>
        <dd>{props.serves.map((one) => one.name).join(', ') || 'no workspace of yours'}</dd>
        <dt>Sessions</dt>
        <dd>
          <Show when={props.sessions.length > 0} fallback={<span class="text-meta">none that is open</span>}>
            <ul>
              <For each={props.sessions.slice(0, NAMED)}>
                {(session) => (
                  <li class="row !gap-1.5">
                    <StatusGlyph kind={glyphOf(session)} label={glyphWord(session)} />
                    <A class="link cut" href={`/session/${session.sessionId}`}>
                      {session.name}
                    </A>
                  </li>
                )}
              </For>
            </ul>
            <Show when={props.sessions.length > NAMED}>
              <span class="text-12 text-meta">and {props.sessions.length - NAMED} more</span>
            </Show>
          </Show>
        </dd>
      </dl>
    </article>
  )
}
