import { createEffect, createMemo, createSignal, on, onCleanup, type Accessor } from 'solid-js'
import type { ChosenFiles } from './chosen-files.ts'

/** A wish to send that waits until the files that go along are kept on this device. */
export interface OnceKept {
  readonly asked: Accessor<boolean>
  /** Does it when they are kept; not if one of them cannot be, or if `forget` comes first. */
  ask(send: () => void): void
  forget(): void
}

/** @param place where the message is written: a wish does not follow into another place. */
export function useOnceKept(files: ChosenFiles, place: Accessor<unknown>): OnceKept {
  const [wish, setWish] = createSignal<() => void>()
  const forget = (): void => void setWish(undefined)
  // A session that changes is still the same place.
  createEffect(on(createMemo(place), forget, { defer: true }))
  createEffect(on(files.problem, (problem) => problem !== '' && forget(), { defer: true }))
  createEffect(() => {
    const send = wish()
    if (send === undefined || !files.ready()) return
    forget()
    // Outside of this run, so that what sending reads is not watched.
    queueMicrotask(send)
  })
  onCleanup(forget)
  return { asked: () => wish() !== undefined, ask: (send) => void setWish(() => send), forget }
}
