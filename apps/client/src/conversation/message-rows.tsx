import type { ItemRow } from '@coppice/events'
import { createEffect, createSignal, For, on, Show, type Accessor, type JSX } from 'solid-js'
import { MessageFiles } from '../attachments/message-files.tsx'
import { Ago } from '../format/clock.tsx'
import { Icon } from '../parts/icon.tsx'
import { Avatar } from '../parts/people.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import type { Block } from './blocks.ts'
import type { ConversationModel } from './conversation-model.ts'
import { EditMessage } from './edit-message.tsx'
import { MessageActions } from './message-actions.tsx'
import { renderBlock } from './render-tokens.ts'
import type { Stream } from './stream.ts'
import type { Unit } from './units.ts'

/** Settled Markdown: a block keeps its nodes for as long as it is the same block. */
function Prose(props: { blocks: readonly Block[] }): JSX.Element {
  return <For each={props.blocks}>{(block) => renderBlock(block)}</For>
}

/** The end of a message that is still being written; see {@link replaceOpen}. */
function OpenEnd(props: { stream: Stream }): JSX.Element {
  let box: HTMLDivElement | undefined
  createEffect(
    on(props.stream.open, (blocks) => {
      if (box) replaceOpen(box, blocks)
    }),
  )
  return <div ref={box} class="prose" aria-busy="true" />
}

/** Changes what differs. A code block that grows gets its new text appended: no parse, no new nodes. */
function replaceOpen(box: HTMLElement, blocks: readonly Block[]): void {
  const known = openNodes.get(box) ?? []
  blocks.forEach((block, i) => {
    const before = known[i]
    if (before?.block === block) return
    const node = before && growCode(before, block) ? before.node : renderBlock(block)
    if (before && node !== before.node) before.node.replaceWith(node)
    else if (!before) box.append(node)
    known[i] = { block, node }
  })
  for (const gone of known.splice(blocks.length)) gone.node.remove()
  openNodes.set(box, known)
}

interface OpenNode {
  readonly block: Block
  readonly node: HTMLElement
}
const openNodes = new WeakMap<HTMLElement, OpenNode[]>()

function growCode(before: OpenNode, block: Block): boolean {
  const [old, now] = [before.block.token, block.token]
  if (old.type !== 'code' || now.type !== 'code' || old['lang'] !== now['lang']) return false
  const text = before.node.querySelector('code')?.firstChild
  const grown: unknown = now['text']
  if (!(text instanceof Text) || typeof grown !== 'string' || !grown.startsWith(text.data)) return false
  text.appendData(grown.slice(text.data.length))
  return true
}

/** The blocks of one chunk, whether the message is whole or still comes. */
function Chunk(props: {
  model: ConversationModel
  unit: Accessor<Unit>
  body: Accessor<ItemRow | undefined>
}): JSX.Element {
  const stream = () => (props.body() ? undefined : props.model.stream(props.unit().itemId))
  const blocks = (): readonly Block[] => {
    const live = stream()
    const { itemId, part } = props.unit()
    if (live) return live.settledOf(part)
    props.body()
    const parsed = props.model.parsed(itemId)
    return parsed?.blocks.slice(parsed.starts[part] ?? 0, parsed.starts[part + 1]) ?? []
  }
  return (
    <>
      <div class="prose">
        <Prose blocks={blocks()} />
      </div>
      <Show when={props.unit().part === props.unit().parts - 1 && stream()}>
        {(live) => <OpenEnd stream={live()} />}
      </Show>
    </>
  )
}

export function AgentMessage(props: { model: ConversationModel; unit: Accessor<Unit> }): JSX.Element {
  const body = props.model.body(props.unit().itemId)
  return (
    <div class="agent-message" classList={{ continued: props.unit().part > 0 }}>
      <Chunk model={props.model} unit={props.unit} body={body} />
      <Show when={body()?.detail.cutOff === true && props.unit().part === props.unit().parts - 1}>
        <p class="cut-off">
          <Icon name="warn" size="small" />
          Cut off here: the agent or its runner stopped before the message ended. This is what had come.
        </p>
      </Show>
    </div>
  )
}

export function SummaryMessage(props: { model: ConversationModel; unit: Accessor<Unit> }): JSX.Element {
  const body = props.model.body(props.unit().itemId)
  return (
    <section class="block" aria-label="Summary">
      <header>
        <Icon name="file" size="small" />
        <span class="title">Summary</span>
      </header>
      <div class="body">
        <Chunk model={props.model} unit={props.unit} body={body} />
      </div>
    </section>
  )
}

export function UserMessage(props: { model: ConversationModel; unit: Accessor<Unit> }): JSX.Element {
  const body = props.model.body(props.unit().itemId)
  const users = useReplica().table('users')
  const sessions = useReplica().table('sessions')
  const [editing, setEditing] = createSignal(false)
  const session = () => sessions().get(props.model.sessionId)
  const struck = () => body()?.detail.struck === true
  /** It is part of the conversation: the server has it, and nothing took it out. */
  const stands = () => (
    props.model.version(),
    !struck() && body()?.detail.steered !== true && !row()?.optimistic && !props.model.isReplaced(props.unit().itemId)
  )
  const row = () => (props.model.version(), props.model.row(props.unit().itemId))
  const author = () => {
    const id = body()?.author ?? ''
    return { id, name: users().get(id)?.name ?? (id || '…') }
  }
  return (
    <div class="user-message" classList={{ continued: props.unit().part > 0, struck: struck() }}>
      <Show when={props.unit().part === 0}>
        <div class="byline">
          <Avatar person={author()} />
          <b>{author().name}</b>
          <Show when={body()}>{(item) => <Ago at={item().at} />}</Show>
          <Show when={body()?.detail.edited}>
            <span>edited</span>
          </Show>
          <Show when={body()?.detail.steered}>
            <span>said while the agent worked</span>
          </Show>
          <Show when={struck()}>
            <span>deleted</span>
          </Show>
          <Show when={row()?.optimistic}>
            <span class="actions" title="Waits to be sent">
              <Icon name="hourglass" size="small" />
              <span class="sr-only">waits to be sent</span>
            </span>
          </Show>
          <Show when={row()?.status === 'canceled'}>
            <span>canceled</span>
          </Show>
          <Show when={row()?.status === 'failed'}>
            <span class="text-failed">its turn failed</span>
          </Show>
          <Show when={stands() && !editing() ? body() : undefined}>
            {(item) => (
              <Show when={session()}>
                {(of) => <MessageActions item={item()} session={of()} onEdit={() => setEditing(true)} />}
              </Show>
            )}
          </Show>
        </div>
      </Show>
      <Show
        when={editing() && body() && session()}
        fallback={<Chunk model={props.model} unit={props.unit} body={body} />}
      >
        {(of) => (
          <Show when={body()}>
            {(item) => <EditMessage item={item()} session={of()} onClose={() => setEditing(false)} />}
          </Show>
        )}
      </Show>
      <Show when={props.unit().part === props.unit().parts - 1 ? body() : undefined}>
        {(item) => (
          <Show when={item().detail.attachments?.length}>
            <MessageFiles files={item().detail.attachments ?? []} workspaceId={item().workspaceId} />
          </Show>
        )}
      </Show>
    </div>
  )
}
