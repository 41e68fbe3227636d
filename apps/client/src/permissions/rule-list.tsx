import type { RuleOfRow } from '@coppice/events'
import { For, Show, type JSX } from 'solid-js'
import { IconButton } from '../parts/button.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { kindWord, ruleText } from './permission-words.ts'

/** Lasting rules, each with who made it and a way to take it back. */
export function RuleList(props: {
  label: string
  rules: readonly RuleOfRow[]
  /** Not there where this person may not. */
  onRemove: ((ruleId: string) => void) | undefined
}): JSX.Element {
  const users = useReplica().table('users')
  return (
    <ul class="rule-list" aria-label={props.label}>
      <For each={props.rules}>
        {(rule) => (
          <li title={`Made by ${users().get(rule.by)?.name ?? rule.by}`}>
            <span class="text-meta">allow {kindWord(rule.family)}</span>
            <code class="cut">{ruleText(rule)}</code>
            <Show when={props.onRemove}>
              {(remove) => (
                <IconButton
                  icon="close"
                  label={`Take back: ${kindWord(rule.family)} ${ruleText(rule)}`}
                  onClick={() => remove()(rule.ruleId)}
                />
              )}
            </Show>
          </li>
        )}
      </For>
    </ul>
  )
}
