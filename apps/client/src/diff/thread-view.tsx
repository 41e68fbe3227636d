import type { CommentRow } from '@coppice/events'
import { createSignal, For, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Avatar } from '../parts/people.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import type { Thread } from './review-message.ts'
import type { Review } from './review.ts'

/** A row whose height is measured: it is told whenever it changes. */
export function Measured(props: { told: (height: number) => void; children: JSX.Element }): JSX.Element {
  let element: HTMLDivElement | undefined
  onMount(() => {
    const watch = new ResizeObserver(() => element && props.told(element.offsetHeight))
    if (element) watch.observe(element)
    onCleanup(() => watch.disconnect())
  })
  return (
    <div class="diff-thread-row" ref={element}>
      {props.children}
    </div>
  )
}

/** Comments on a line, and what can be done with them. */
export function ThreadView(props: { thread: Thread; lost: boolean; review: Review }): JSX.Element {
  const place = () => props.thread.first.place
  const id = () => props.thread.first.commentId
  const resolved = () => props.thread.first.resolvedBy !== undefined
  return (
    <section class="diff-thread" classList={{ resolved: resolved() }} aria-label={`Comments on line ${place()?.line}`}>
      <Show when={props.lost}>
        <p class="diff-thread-lost">
          On line {place()?.line}, which is not among the lines shown:
          <code class="cut">{place()?.quote.at(-1)}</code>
        </p>
      </Show>
      <For each={[props.thread.first, ...props.thread.answers]}>
        {(comment) => <CommentView comment={comment} line={place()?.endLine} review={props.review} />}
      </For>
      <div class="diff-reply">
        <Writing
          label={`Reply on line ${place()?.line}`}
          placeholder="Reply"
          text={props.review.draft(id())}
          change={(text) => props.review.setDraft(id(), text)}
          save={() => void props.review.reply(id())}
          word="Reply"
          small
        />
        <Button small look="quiet" onClick={() => props.review.resolve(id(), !resolved())}>
          {resolved() ? 'Open again' : 'Resolve'}
        </Button>
      </div>
    </section>
  )
}

function CommentView(props: { comment: CommentRow; line: number | undefined; review: Review }): JSX.Element {
  const { replica } = useReplica()
  const [editing, setEditing] = createSignal<string>()
  const own = () => props.comment.author === replica.userId && props.comment.messageId === undefined
  const name = () => props.review.nameOf(props.comment.author)
  const save = async () => {
    const text = editing()?.trim() ?? ''
    if (text !== '' && (await props.review.edit(props.comment.commentId, text))) setEditing(undefined)
  }
  return (
    <article class="diff-comment">
      <div class="by">
        <Avatar person={{ id: props.comment.author, name: name() }} />
        <b>{name()}</b>
        <span>
          {props.comment.replyTo === undefined ? `line ${props.line} · ` : ''}
          <Ago at={props.comment.at} />
          {props.comment.edited ? ' · edited' : ''}
        </span>
        <span class="grow" />
        <Show
          when={props.comment.messageId === undefined}
          fallback={
            <span class="badge">
              <Icon name="check" size="small" />
              sent
            </span>
          }
        >
          <span class="badge">
            <Icon name="hourglass" size="small" />
            gathered, not sent
          </span>
        </Show>
        <Show when={own()}>
          <IconButton icon="pencil" label="Edit this comment" onClick={() => setEditing(props.comment.text)} />
          <IconButton
            icon="trash"
            label="Remove this comment"
            onClick={() => props.review.remove(props.comment.commentId)}
          />
        </Show>
      </div>
      <Show when={editing() !== undefined} fallback={<p class="said">{props.comment.text}</p>}>
        <Writing
          label="Comment"
          text={editing() ?? ''}
          change={setEditing}
          save={() => void save()}
          cancel={() => setEditing(undefined)}
          word="Save"
          focused
        />
      </Show>
    </article>
  )
}

/** Where a comment is written. Ctrl+Enter saves; Escape gives up where nothing would be lost. */
export function Writing(props: {
  label: string
  placeholder?: string
  text: string
  change: (text: string) => void
  save: () => void
  cancel?: () => void
  word: string
  small?: boolean
  focused?: boolean
}): JSX.Element {
  let area: HTMLTextAreaElement | undefined
  onMount(() => props.focused && area?.focus({ preventScroll: true }))
  const empty = () => props.text.trim() === ''
  return (
    <div class="diff-writing" classList={{ small: props.small === true && empty() }}>
      <textarea
        ref={area}
        class="input"
        rows={props.small && empty() ? 1 : 3}
        aria-label={props.label}
        placeholder={props.placeholder}
        value={props.text}
        onInput={(event) => props.change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault()
            event.stopPropagation()
            props.save()
          } else if (event.key === 'Escape' && (empty() || props.cancel === undefined)) {
            event.stopPropagation()
            if (props.cancel) props.cancel()
            else area?.blur()
          }
        }}
      />
      <Show when={!props.small || !empty()}>
        <div class="row">
          <Button small look="primary" disabled={empty()} onClick={() => props.save()}>
            {props.word}
          </Button>
          <Show when={props.cancel}>
            {(cancel) => (
              <Button small look="quiet" onClick={() => cancel()()}>
                Cancel
              </Button>
            )}
          </Show>
        </div>
      </Show>
    </div>
  )
}
