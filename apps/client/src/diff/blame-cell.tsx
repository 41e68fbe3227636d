import { A } from '@solidjs/router'
import { Show, type JSX } from 'solid-js'
import { exactTime } from '../format/time.ts'
import { money } from '../format/numbers.ts'
import { toolVerb } from '../conversation/tool-words.ts'
import type { LineOrigin } from './blame.ts'

/** Who wrote a line, in a few letters, with all of it on hover; it leads to the place in the conversation. */
export function BlameCell(props: {
  known: LineOrigin | undefined
  /** The first of a run of lines that came together. */
  begins: boolean
  sessionId: string
  nameOf: (userId: string) => string
}): JSX.Element {
  return (
    <span class="blame" classList={{ begins: props.begins }}>
      <Show when={props.begins && props.known}>
        {(known) => (
          <Show when={target(known())} fallback={<span title={words(known(), props.nameOf)}>{short(known())}</span>}>
            {(itemId) => (
              <A
                href={`/session/${props.sessionId}?item=${encodeURIComponent(itemId())}`}
                title={words(known(), props.nameOf)}
              >
                {short(known())}
              </A>
            )}
          </Show>
        )}
      </Show>
    </span>
  )
}

/** The row of the conversation that it leads to: the step, else the message that began the turn. */
const target = ({ tool, facts }: LineOrigin): string | undefined => tool?.itemId ?? (facts?.messageId || undefined)

function short({ origin, tool }: LineOrigin): string {
  switch (origin.kind) {
    case 'turn':
      return `Turn ${origin.turn}${tool ? ` · ${toolVerb(tool.detail)}` : ''}`
    case 'between':
      return 'By hand'
    case 'before':
      return 'Before'
    case 'now':
      return 'Just now'
  }
}

function words({ origin, facts, tool }: LineOrigin, nameOf: (userId: string) => string): string {
  if (origin.kind === 'before') return 'It was there when the session began'
  if (origin.kind === 'now') return 'Newer than the last checkpoint: the turn that runs, or a person'
  if (origin.kind === 'between')
    return `Written between two turns, by a person or by git, before ${exactTime(origin.at)}`
  const parts = [
    `Turn ${origin.turn}, ended ${exactTime(origin.at)}`,
    ...(tool ? [`Step: ${toolVerb(tool.detail)} ${tool.detail.target ?? ''}`] : []),
    ...(facts?.author ? [`Asked by ${nameOf(facts.author)}: ${facts.message.slice(0, 200)}`] : []),
    ...(facts?.model ? [`Model: ${facts.model}`] : []),
    ...(facts?.usd === undefined ? [] : [`The turn took ${money(facts.usd)}`]),
  ]
  return parts.join('\n')
}
