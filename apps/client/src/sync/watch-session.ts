import type { Replica } from '@coppice/replica'
import { onCleanup } from 'solid-js'

/** Who watches now: between two pages of one session the next begins before the last has ended. */
let watcher: object | undefined

/** This page looks at a session: its live state comes, and the others see who is here. Until the owner is disposed. */
export function watchSession(replica: Replica, sessionId: string): void {
  const me = {}
  watcher = me
  replica.watch(sessionId)
  onCleanup(() => {
    if (watcher !== me) return
    watcher = undefined
    replica.watch(undefined)
  })
}
