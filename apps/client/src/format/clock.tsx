import { createSignal, type JSX } from 'solid-js'
import { ago, exactTime } from './time.ts'

/** Minutes pass for every relative time on the page with one timer, and none while the page is hidden. */
const [now, setNow] = createSignal(Date.now())
setInterval(() => {
  if (document.visibilityState === 'visible') setNow(Date.now())
}, 20_000)
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') setNow(Date.now())
})

export { now }

/** A relative time with the exact one on hover. */
export function Ago(props: { at: number; suffix?: string }): JSX.Element {
  const word = () => ago(props.at, now())
  return (
    <time dateTime={new Date(props.at).toISOString()} title={exactTime(props.at)}>
      {word()}
      {props.suffix !== undefined && word() !== 'now' ? ` ${props.suffix}` : ''}
    </time>
  )
}
