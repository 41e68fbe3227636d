import type { ItemRow } from '@coppice/events'
import type { Replica } from '@coppice/replica'
import { createEffect, createSignal, on, onCleanup, type Accessor } from 'solid-js'

/** One row of a session's conversation, fetched where it is not at hand. */
export function loadedItem(
  replica: Replica,
  sessionId: string,
  itemId: Accessor<string>,
): Accessor<ItemRow | undefined> {
  const conversation = replica.openConversation(sessionId)
  const [item, setItem] = createSignal<ItemRow>()
  const read = (): void => {
    const id = itemId()
    const show = (): void => void setItem(conversation.body(id))
    if (conversation.body(id) === undefined) void conversation.load([id]).then(show)
    else show()
  }
  onCleanup(conversation.onChange(read))
  onCleanup(() => conversation.close())
  createEffect(on(itemId, read))
  return item
}
