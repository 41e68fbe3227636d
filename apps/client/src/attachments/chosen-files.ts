import { attachmentSchema, isRefusal, LIMITS, newId, type Attachment } from '@coppice/events'
import type { Replica } from '@coppice/replica'
import { createEffect, createMemo, createSignal, on, onCleanup, onMount, type Accessor } from 'solid-js'

/** A file on its way into a message. `attachment` is there once it is kept on this device. */
export interface ChosenFile {
  readonly key: string
  readonly name: string
  readonly size: number
  readonly attachment?: Attachment
}

/** Files that will go with the next message. */
export interface ChosenFiles {
  readonly list: Accessor<readonly ChosenFile[]>
  /** Whether all of them are kept: before that nothing is sent. */
  readonly ready: Accessor<boolean>
  /** What was wrong with those chosen last, in a sentence; else empty. */
  readonly problem: Accessor<string>
  add(files: Iterable<File>): void
  remove(key: string): void
  /** All of them, for a message; the list is empty then. */
  take(): Attachment[]
  /** Puts back what was taken: the message was not. */
  giveBack(attachments: readonly Attachment[]): void
}

/**
 * The files chosen for each place where a message is written. Their bytes are kept by the replica, and which they are
 * beside the draft, so that both are there after a reload. Like the draft they are the same in all tabs: what one sends or
 * takes away is gone in the others.
 */
export function useChosenFiles(replica: Replica, where: Accessor<string>): ChosenFiles {
  // A session that changes is still the same place.
  const place = createMemo(where)
  const [list, setList] = createSignal<readonly ChosenFile[]>([])
  const [problem, setProblem] = createSignal('')
  const nameOf = (at: string): string => `coppice:attached:${at}`
  const show = (files: readonly ChosenFile[]): void => {
    setList(files)
    const known = files.flatMap(({ attachment }) => (attachment ? [attachment] : []))
    if (known.length === 0) localStorage.removeItem(nameOf(place()))
    else localStorage.setItem(nameOf(place()), JSON.stringify(known))
  }
  createEffect(
    on(place, (at) => {
      setProblem('')
      setList(readKept(localStorage.getItem(nameOf(at))).map(fromAttachment))
    }),
  )
  /** Another tab has changed what is kept; what this one has not kept yet stays. */
  const fromOtherTab = ({ key, newValue }: StorageEvent): void => {
    if (key !== nameOf(place())) return
    setList([...readKept(newValue).map(fromAttachment), ...list().filter(({ attachment }) => attachment === undefined)])
  }
  onMount(() => window.addEventListener('storage', fromOtherTab))
  onCleanup(() => window.removeEventListener('storage', fromOtherTab))
  const keep = async (file: File, key: string, at: string): Promise<void> => {
    const attachment = await replica.putBlob(file, { name: file.name, type: file.type })
    // It was taken away, or another session is open by now.
    if (place() !== at || !list().some((one) => one.key === key)) return
    if (isRefusal(attachment)) {
      setProblem(attachment.message)
      show(list().filter((one) => one.key !== key))
    } else if (list().some((one) => one.attachment?.sha256 === attachment.sha256)) {
      show(list().filter((one) => one.key !== key))
    } else {
      show(list().map((one) => (one.key === key ? { ...one, attachment } : one)))
    }
  }
  return {
    list,
    ready: () => list().every(({ attachment }) => attachment !== undefined),
    problem,
    add(files) {
      const all = [...files]
      const room = LIMITS.attachments - list().length
      setProblem(
        all.length > room
          ? `At most ${LIMITS.attachments} files go with a message; ${all.length - Math.max(0, room)} of these were not attached.`
          : '',
      )
      for (const file of all.slice(0, Math.max(0, room))) {
        const key = newId()
        setList([...list(), { key, name: file.name || 'file', size: file.size }])
        void keep(file, key, place())
      }
    },
    remove(key) {
      setProblem('')
      show(list().filter((one) => one.key !== key))
    },
    take() {
      const taken = list().flatMap(({ attachment }) => (attachment ? [attachment] : []))
      setProblem('')
      show([])
      return taken
    },
    giveBack: (attachments) => show([...attachments.map(fromAttachment), ...list()].slice(0, LIMITS.attachments)),
  }
}

const fromAttachment = (attachment: Attachment): ChosenFile => ({
  key: newId(),
  name: attachment.name,
  size: attachment.size,
  attachment,
})

/** What an earlier version wrote, or nothing, is no list: then there is none. */
function readKept(text: string | null): readonly Attachment[] {
  if (text === null) return []
  try {
    const read: unknown = JSON.parse(text)
    if (!Array.isArray(read)) return []
    return read.flatMap((one) => {
      const attachment = attachmentSchema.safeParse(one)
      return attachment.success ? [attachment.data] : []
    })
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}
