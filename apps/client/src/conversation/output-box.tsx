import { createEffect, onCleanup, onMount, type JSX } from 'solid-js'
import type { LiveTexts } from './live.ts'
import { ESC, plainOutput } from './tool-words.ts'

/** Output kept in view while it comes; the run's record has all of it. */
const LIVE_CHARS = 60_000

/** What a tool printed, in a capped box with its own scrolling: a stream inside it never moves the list. */
export function OutputBox(props: { text: string; label: string }): JSX.Element {
  return (
    <pre class="output tall" tabIndex={0} aria-label={props.label}>
      {plainOutput(props.text).replace(/\n+$/, '')}
    </pre>
  )
}

/** The same while it comes: new text is appended to the one text node. */
export function LiveOutput(props: { live: LiveTexts; itemId: string; label: string }): JSX.Element {
  let box: HTMLPreElement | undefined
  const node = document.createTextNode('')
  onMount(() => {
    if (!box) return
    const pre = box
    pre.append(node)
    let raw = ''
    const stop = props.live.listen(props.itemId, (text) => {
      pre.hidden = text === ''
      const tail = text.slice(-LIVE_CHARS)
      const fresh = text.slice(raw.length)
      const grown = text.startsWith(raw) && text.length <= LIVE_CHARS && !fresh.includes(ESC) && !fresh.includes('\r')
      const wasAtEnd = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 4
      if (grown) node.appendData(fresh)
      else node.data = plainOutput(tail)
      raw = text
      if (wasAtEnd) pre.scrollTop = pre.scrollHeight
    })
    onCleanup(stop)
  })
  createEffect(() => box?.setAttribute('aria-label', props.label))
  return <pre ref={box} class="output" tabIndex={0} />
}
