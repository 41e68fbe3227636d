import { createEffect, createMemo, createSignal, on, onCleanup, type Accessor } from 'solid-js'
import type { SharedDraft } from './shared-draft.ts'
import { keepLate, takeLate } from './late-text.ts'
import { caretAfter } from './text-change.ts'

/** The draft of the session that is open, as signals. */
export interface Draft {
  readonly text: Accessor<string>
  /** The names of others who are writing in it. */
  readonly others: Accessor<readonly string[]>
  /** What the person made of it. */
  write(text: string, caret?: number): void
  /** Whether the person is at it. */
  writing(there: boolean): void
  /**
   * Sends it. The box is free at once, for what is typed next; the document lets go of it when `keep` has kept it, so
   * that there is no moment at which a crash would cost it. Where it could not be kept it is in the box again.
   */
  send(keep: (text: string) => Promise<boolean>): Promise<boolean>
}

/**
 * Opens the draft of each session that is shown. Yjs is read in when the first is, so what is typed before it is there
 * goes before what was kept. What is in the box when the page is left is kept at once, whatever the document has of it.
 */
export function useDraft(of: {
  session: Accessor<{ readonly workspaceId: string; readonly sessionId: string }>
  online: Accessor<boolean>
  name: () => string
  box: () => HTMLTextAreaElement | undefined
}): Draft {
  const [text, setText] = createSignal('')
  const [others, setOthers] = createSignal<readonly string[]>([])
  let shared: SharedDraft | undefined
  /** What is being sent: it stands in the document before what is in the box. */
  let leaving = ''
  const write = (value: string, caret?: number): void => {
    setText(value)
    shared?.write(leaving + value, caret === undefined ? undefined : leaving.length + caret)
  }
  // The session's row is another one each time something happens in it; its draft is not.
  const place = createMemo(() => `${of.session().workspaceId}/session/${of.session().sessionId}`)
  createEffect(
    on(place, (room) => {
      let gone = false
      const earlier = takeLate('typed', room)
      const shown = takeLate('shown', room)
      setText(earlier || shown)
      setOthers([])
      const leave = (): void => {
        leaving = ''
        if (shared === undefined) return keepLate(shown === '' ? 'typed' : 'shown', room, text())
        shared.write(text())
        keepLate('state', room, shared.state())
        keepLate('shown', room, text())
      }
      window.addEventListener('pagehide', leave)
      onCleanup(() => {
        gone = true
        window.removeEventListener('pagehide', leave)
        leave()
        shared?.close()
        shared = undefined
      })
      const open = async (): Promise<void> => {
        const { SharedDraft } = await import('./shared-draft.ts')
        if (gone) return
        const draft = new SharedDraft(`${room}/draft`, (after, change) => {
          if (shared !== draft) return
          const box = of.box()
          const [start, end] = [box?.selectionStart ?? 0, box?.selectionEnd ?? 0]
          if (!after.startsWith(leaving)) leaving = ''
          setText(after.slice(leaving.length))
          if (document.activeElement === box) box?.setSelectionRange(caretAfter(start, change), caretAfter(end, change))
        })
        await draft.ready
        draft.merge(takeLate('state', room))
        if (gone) return draft.close()
        const [typed, kept] = [text(), draft.text]
        shared = draft
        // What was shown from the start is the draft as it was; typed is what came to it, or all there was before it.
        const all = earlier === '' && shown !== '' ? (typed === shown ? kept : typed) : typed + kept
        draft.write(all)
        setText(all)
        draft.onOthers(setOthers)
        draft.writing(document.activeElement === of.box() ? of.name() : undefined)
        draft.online(of.online())
      }
      void open()
    }),
  )
  createEffect(on(of.online, (there) => shared?.online(there), { defer: true }))
  return {
    text,
    others,
    write,
    writing: (there) => shared?.writing(there ? of.name() : undefined),
    async send(keep) {
      const [message, room] = [text(), place()]
      leaving += message
      setText('')
      const kept = await keep(message)
      if (room !== place()) {
        if (!kept) keepLate('typed', room, message)
        return kept
      }
      // Somebody else may have changed it meanwhile.
      if (leaving.startsWith(message)) leaving = leaving.slice(message.length)
      if (kept) write(text())
      else write(text() === '' ? message : `${message}\n\n${text()}`)
      return kept
    },
  }
}
