import { createEffect, createSignal, onCleanup, type Accessor } from 'solid-js'
import type { SharedMarks } from './shared-marks.ts'

type Viewed = { readonly path: string; readonly content: string }

/**
 * What a person has looked at: by path, the content that was looked at. When that changes the mark lapses. It is the same on
 * all devices of the person; whoever may not write in the workspace keeps it on this one.
 */
export class ViewedFiles {
  readonly #seen: Accessor<ReadonlyMap<string, string>>
  readonly #see: (seen: ReadonlyMap<string, string>) => void
  /** Marked before what was kept is here. */
  readonly #early = new Map<string, string | undefined>()
  #marks: SharedMarks | undefined
  #closed = false

  /** To be made in a component. @param shares whether there is a server, and the person may write to it */
  constructor(
    of: { readonly workspaceId: string; readonly sessionId: string; readonly userId: string },
    shares: Accessor<boolean>,
  ) {
    const [seen, see] = createSignal<ReadonlyMap<string, string>>(new Map())
    this.#seen = seen
    this.#see = see
    this.#open(`${of.workspaceId}/session/${of.sessionId}/viewed/${of.userId}`, shares).catch((error: unknown) =>
      console.error('The marks of viewed files hold only as long as this page.', error),
    )
    createEffect(() => {
      const there = shares()
      this.#marks?.online(there)
    })
    onCleanup(() => {
      this.#closed = true
      this.#marks?.close()
    })
  }

  has({ path, content }: Viewed): boolean {
    return this.#seen().get(path) === content
  }

  mark({ path, content }: Viewed, viewed: boolean): void {
    const mark = new Map([[path, viewed ? content : undefined]])
    if (this.#marks) return this.#marks.set(mark)
    this.#early.set(path, viewed ? content : undefined)
    const seen = new Map(this.#seen())
    if (viewed) seen.set(path, content)
    else seen.delete(path)
    this.#see(seen)
  }

  async #open(room: string, shares: Accessor<boolean>): Promise<void> {
    const { SharedMarks } = await import('./shared-marks.ts')
    if (this.#closed) return
    const marks: SharedMarks = new SharedMarks(room, () => {
      if (this.#marks === marks) this.#see(marks.all())
    })
    await marks.ready
    if (this.#closed) return marks.close()
    this.#marks = marks
    marks.set(this.#early)
    this.#see(marks.all())
    marks.online(shares())
  }
}
