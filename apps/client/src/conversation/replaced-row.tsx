import { Show, type Accessor, type JSX } from 'solid-js'
import { Icon } from '../parts/icon.tsx'
import type { ConversationModel } from './conversation-model.ts'
import type { Unit } from './units.ts'

/** What a rewind replaced, folded to one line: it is no longer part of the conversation, and is not lost. */
export function ReplacedRow(props: { model: ConversationModel; unit: Accessor<Unit> }): JSX.Element {
  const open = () => (props.model.version(), props.model.isOpen(props.unit()))
  const messages = () => (props.model.version(), props.model.row(props.unit().itemId)?.lineCount ?? 0)
  return (
    <div class="tool-row">
      <button type="button" class="tool-main" aria-expanded={open()} onClick={() => props.model.toggle(props.unit())}>
        <Icon name={open() ? 'chevron-down' : 'chevron-right'} />
        <span class="verb">Replaced</span>
        <span class="cut text-meta">
          {messages()} {messages() === 1 ? 'message' : 'messages'}
          <Show when={open()}>; the agent no longer knows of what is dimmed here</Show>
        </span>
      </button>
    </div>
  )
}
