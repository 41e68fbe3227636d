import { newId, type CommentPlace, type CommentRow, type SessionRow } from '@coppice/events'
import { createMemo, createSignal, onCleanup, type Accessor } from 'solid-js'
import { toast } from '../parts/toasts.tsx'
import { sendToSession } from '../sync/commands.ts'
import { useOfSession } from '../sync/of-session.ts'
import { useReplica } from '../sync/replica-context.tsx'
import type { Writing } from './file-model.ts'
import { gathered, reviewMessage, threadsOf, type Thread } from './review-message.ts'

/** The comments on a session's changes, and the one that is being written here. */
export interface Review {
  readonly threads: Accessor<readonly Thread[]>
  readonly onFile: (path: string) => readonly Thread[]
  readonly thread: (threadId: string) => Thread | undefined
  readonly gathered: Accessor<readonly CommentRow[]>
  readonly writing: Accessor<Writing | undefined>
  /** What is written and not saved: by the thread, or `new`. It stays when its row leaves the page. */
  readonly draft: (of: string) => string
  readonly setDraft: (of: string, text: string) => void
  readonly begin: (place: CommentPlace) => void
  readonly giveUp: () => void
  readonly save: () => Promise<void>
  readonly reply: (threadId: string) => Promise<void>
  readonly edit: (commentId: string, text: string) => Promise<boolean>
  readonly remove: (commentId: string) => void
  readonly resolve: (threadId: string, resolved: boolean) => void
  /** All gathered comments as one message. */
  readonly send: () => Promise<boolean>
  readonly nameOf: (userId: string) => string
}

const draftName = (sessionId: string): string => `coppice:comment:${sessionId}`

export function createReview(session: Accessor<SessionRow>): Review {
  const signals = useReplica()
  const { replica } = signals
  const comments = useOfSession('comments', () => session().sessionId)
  // Comments are part of the session's body: a device that has only its header fetches it now.
  const body = replica.openConversation(session().sessionId)
  onCleanup(() => body.close())
  const threads = createMemo(() => threadsOf(comments()))
  const byPath = createMemo(() => {
    const found = new Map<string, Thread[]>()
    for (const thread of threads()) {
      const path = thread.first.place?.path ?? ''
      found.set(path, [...(found.get(path) ?? []), thread])
    }
    return found
  })
  const waiting = createMemo(() => gathered(threads()))
  const kept = readDraft(session().sessionId)
  const [writing, setWriting] = createSignal<Writing | undefined>(kept && { place: kept.place })
  const [drafts, setDrafts] = createSignal<ReadonlyMap<string, string>>(new Map(kept ? [['new', kept.text]] : []))
  const users = signals.table('users')
  const nameOf = (userId: string) => users().get(userId)?.name ?? 'Somebody'
  const setDraft = (of: string, text: string) => {
    setDrafts(new Map(drafts()).set(of, text))
    const at = writing()
    if (of === 'new' && at) keepDraft(session().sessionId, { place: at.place, text })
  }
  const giveUp = () => {
    setWriting(undefined)
    setDrafts(new Map([...drafts()].filter(([of]) => of !== 'new')))
    keepDraft(session().sessionId, undefined)
  }
  return {
    threads,
    onFile: (path) => byPath().get(path) ?? [],
    thread: (threadId) => threads().find(({ first }) => first.commentId === threadId),
    gathered: waiting,
    writing,
    draft: (of) => drafts().get(of) ?? '',
    setDraft,
    begin: (place) => setWriting({ place }),
    giveUp,
    async save() {
      const at = writing()
      const text = (drafts().get('new') ?? '').trim()
      if (!at || text === '') return
      const data = { commentId: newId(), text, place: at.place }
      if (await sendToSession(replica, session(), 'comment.add', data)) giveUp()
    },
    async reply(threadId) {
      const text = (drafts().get(threadId) ?? '').trim()
      if (text === '') return
      const data = { commentId: newId(), text, replyTo: threadId }
      if (await sendToSession(replica, session(), 'comment.add', data)) setDraft(threadId, '')
    },
    edit: (commentId, text) => sendToSession(replica, session(), 'comment.edit', { commentId, text }),
    remove: (commentId) => void sendToSession(replica, session(), 'comment.remove', { commentId }),
    resolve: (commentId, resolved) =>
      void sendToSession(replica, session(), 'comment.resolve', { commentId, resolved }),
    async send() {
      const commentIds = waiting().map((one) => one.commentId)
      if (commentIds.length === 0) return false
      const text = reviewMessage(threads(), nameOf)
      const done = await sendToSession(replica, session(), 'comments.send', {
        commentIds,
        message: { messageId: newId(), text },
      })
      if (done) toast(session().status === 'in_progress' ? 'In the queue: the agent gets it after this turn' : 'Sent')
      return done
    },
    nameOf,
  }
}

interface Draft {
  readonly place: CommentPlace
  readonly text: string
}

function readDraft(sessionId: string): Draft | undefined {
  const kept: unknown = JSON.parse(localStorage.getItem(draftName(sessionId)) ?? 'null')
  return typeof kept === 'object' && kept !== null && 'place' in kept && 'text' in kept ? (kept as Draft) : undefined
}

function keepDraft(sessionId: string, draft: Draft | undefined): void {
  try {
    if (draft) localStorage.setItem(draftName(sessionId), JSON.stringify(draft))
    else localStorage.removeItem(draftName(sessionId))
  } catch (error) {
    console.warn('The comment that is being written could not be kept.', error)
  }
}
