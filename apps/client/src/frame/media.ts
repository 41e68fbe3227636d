import { createSignal, onCleanup, type Accessor } from 'solid-js'

/** Whether a media query holds, as a signal. */
export function useMedia(query: string): Accessor<boolean> {
  const media = matchMedia(query)
  const [holds, setHolds] = createSignal(media.matches)
  const follow = () => setHolds(media.matches)
  media.addEventListener('change', follow)
  onCleanup(() => media.removeEventListener('change', follow))
  return holds
}
