import { createSignal, onCleanup, type Accessor } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'

/** What the agent of a session said last, whole; its conversation is open for as long as this is looked at. */
export function useLastWords(sessionId: string): Accessor<string> {
  const { replica } = useReplica()
  const conversation = replica.openConversation(sessionId)
  const [words, setWords] = createSignal('')
  const read = () => {
    const last = conversation.spine().findLast((item) => item.kind === 'agent')
    if (last === undefined) return
    const show = () => setWords(conversation.body(last.itemId)?.text ?? '')
    if (conversation.body(last.itemId) === undefined) void conversation.load([last.itemId]).then(show)
    else show()
  }
  onCleanup(conversation.onChange(read))
  onCleanup(() => conversation.close())
  read()
  return words
}
