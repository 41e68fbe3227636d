import { Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { Button } from '../parts/button.tsx'
import { Avatars } from '../parts/people.tsx'
import type { Review } from './review.ts'

/** Gathered comments, at the bottom of the page: sent at once, as one message (BE-7). */
export function CommentBar(props: { review: Review; busy: boolean }): JSX.Element {
  const waiting = () => props.review.gathered()
  const files = () => {
    const threads = new Set(waiting().map((one) => one.replyTo ?? one.commentId))
    return new Set([...threads].map((id) => props.review.thread(id)?.first.place?.path)).size
  }
  const people = () =>
    [...new Set(waiting().map((one) => one.author))].map((id) => ({ id, name: props.review.nameOf(id) }))
  return (
    <Show when={waiting().length > 0}>
      <div class="diff-batch" role="region" aria-label="Gathered comments">
        <span class="count">{waiting().length}</span>
        <span class="font-medium">
          {waiting().length === 1 ? 'comment' : 'comments'} on {plural(files(), 'file')}
        </span>
        <Avatars people={people()} label="By" />
        <span class="text-12 text-meta wide-only">seen by everybody in this session</span>
        <span class="grow" />
        <Button look="primary" keys={['Ctrl', '↵']} onClick={() => void props.review.send()}>
          {props.busy ? 'Add to the queue' : 'Send as one message'}
        </Button>
      </div>
    </Show>
  )
}
