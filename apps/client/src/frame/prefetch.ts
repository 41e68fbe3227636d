import type { Replica } from '@coppice/replica'

/** A pointer that only passes over a row wants nothing of it. */
const REST_MS = 65

/** Sessions whose links the pointer rests on, or the focus, are fetched before they are opened. Gives how to stop. */
export function prefetchSessions(replica: Replica, root: HTMLElement): () => void {
  let resting: ReturnType<typeof setTimeout> | undefined
  const rested = (event: Event): void => {
    clearTimeout(resting)
    const sessionId = sessionOf(event.target)
    if (sessionId !== undefined) resting = setTimeout(() => replica.prefetch(sessionId), REST_MS)
  }
  const pressed = (event: Event): void => {
    const sessionId = sessionOf(event.target)
    if (sessionId !== undefined) replica.prefetch(sessionId)
  }
  root.addEventListener('pointerover', rested)
  root.addEventListener('focusin', rested)
  root.addEventListener('pointerdown', pressed)
  return () => {
    clearTimeout(resting)
    root.removeEventListener('pointerover', rested)
    root.removeEventListener('focusin', rested)
    root.removeEventListener('pointerdown', pressed)
  }
}

const sessionOf = (target: EventTarget | null): string | undefined =>
  target instanceof Element ? target.closest<HTMLAnchorElement>('a[data-session]')?.dataset['session'] : undefined
