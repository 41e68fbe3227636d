import { Match, Switch, type JSX } from 'solid-js'

/** What a glyph can tell: the four statuses, the two kinds of attention laid over them, and a step not begun. */
export type GlyphKind = 'waiting' | 'working' | 'done' | 'canceled' | 'needs' | 'failed' | 'pending'

export const glyphWords: Record<GlyphKind, string> = {
  waiting: 'Waiting',
  working: 'In progress',
  done: 'Done',
  canceled: 'Canceled',
  needs: 'Needs you',
  failed: 'Failed',
  pending: 'Pending',
}

/** Shape and colour of a status; the word is its accessible name, so it is never colour alone. An empty label: the word stands beside it. */
export function StatusGlyph(props: { kind: GlyphKind; label?: string }): JSX.Element {
  return (
    <svg
      class={`glyph glyph-${props.kind}`}
      viewBox="0 0 16 16"
      role={props.label === '' ? undefined : 'img'}
      aria-hidden={props.label === '' ? 'true' : undefined}
      aria-label={props.label === '' ? undefined : (props.label ?? glyphWords[props.kind])}
    >
      <Switch>
        <Match when={props.kind === 'waiting'}>
          <circle cx="8" cy="8" r="5.25" fill="none" stroke="currentColor" stroke-width="1.5" />
        </Match>
        <Match when={props.kind === 'working'}>
          <circle cx="8" cy="8" r="5.25" fill="none" stroke="currentColor" stroke-width="1.75" opacity=".28" />
          <path
            class="ring"
            d="M8 2.75A5.25 5.25 0 0 1 13.25 8"
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
          />
        </Match>
        <Match when={props.kind === 'done'}>
          <circle cx="8" cy="8" r="6" fill="currentColor" />
          <path
            d="m5.4 8.2 1.9 1.9 3.4-3.9"
            fill="none"
            stroke="var(--on-status)"
            stroke-width="1.6"
            stroke-linecap="round"
            stroke-linejoin="round"
          />
        </Match>
        <Match when={props.kind === 'canceled'}>
          <circle cx="8" cy="8" r="5.25" fill="none" stroke="currentColor" stroke-width="1.5" />
          <path d="m4.5 11.5 7-7" stroke="currentColor" stroke-width="1.5" />
        </Match>
        <Match when={props.kind === 'needs'}>
          <path
            d="M8 1.2 14.8 8 8 14.8 1.2 8z"
            fill="currentColor"
            stroke="currentColor"
            stroke-width="1"
            stroke-linejoin="round"
          />
          <path d="M8 4.8v3.7M8 10.9v.01" stroke="var(--on-status)" stroke-width="1.6" stroke-linecap="round" />
        </Match>
        <Match when={props.kind === 'failed'}>
          <path d="M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5z" fill="currentColor" />
          <path d="m6 6 4 4M10 6l-4 4" stroke="var(--on-status)" stroke-width="1.5" stroke-linecap="round" />
        </Match>
        <Match when={props.kind === 'pending'}>
          <circle
            cx="8"
            cy="8"
            r="5.25"
            fill="none"
            stroke="currentColor"
            stroke-width="1.5"
            stroke-dasharray="2.2 1.92"
          />
        </Match>
      </Switch>
    </svg>
  )
}
