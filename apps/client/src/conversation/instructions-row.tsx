import { Show, type Accessor, type JSX } from 'solid-js'
import { exactTime } from '../format/time.ts'
import { Icon } from '../parts/icon.tsx'
import type { ConversationModel } from './conversation-model.ts'
import type { Unit } from './units.ts'

/** What the agent is told beside messages from here on: one line until it is opened. */
export function InstructionsRow(props: { model: ConversationModel; unit: Accessor<Unit> }): JSX.Element {
  const body = props.model.body(props.unit().itemId)
  const open = () => (props.model.version(), props.model.isOpen(props.unit()))
  return (
    <>
      <div class="tool-row" title={body() ? exactTime(body()?.at ?? 0) : ''}>
        <button type="button" class="tool-main" aria-expanded={open()} onClick={() => props.model.toggle(props.unit())}>
          <Icon name={open() ? 'chevron-down' : 'chevron-right'} />
          <span class="verb">Instructions</span>
          <span class="cut text-meta">
            {body()?.text === ''
              ? 'none from here on'
              : body()?.detail.way === 'system_prompt'
                ? 'as part of the system prompt, from here on'
                : 'told before the message, from here on'}
          </span>
        </button>
      </div>
      <Show when={open()}>
        <div class="thinking-text" tabIndex={0} role="group" aria-label="Instructions">
          {body()?.text}
        </div>
      </Show>
    </>
  )
}
