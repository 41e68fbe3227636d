import { createSignal } from 'solid-js'

const KEY = 'coppice:seen'
const FIRST_KEY = 'coppice:first-visit'

/** When each session was last looked at on this device, newest kept. */
const KEPT = 400

function kept(): ReadonlyMap<string, number> {
  const text = localStorage.getItem(KEY)
  if (text === null) return new Map()
  const value: unknown = JSON.parse(text)
  if (!Array.isArray(value)) return new Map()
  return new Map(
    value.filter(
      (one): one is [string, number] => Array.isArray(one) && typeof one[0] === 'string' && typeof one[1] === 'number',
    ),
  )
}

const [seen, setSeen] = createSignal(kept())

/** What is older than the first visit on this device is no news. */
const firstVisit = Number(localStorage.getItem(FIRST_KEY) ?? Date.now())
localStorage.setItem(FIRST_KEY, String(firstVisit))

/** Whether something happened in a session since it was looked at here. */
export const hasNews = (sessionId: string, updatedAt: number): boolean =>
  (seen().get(sessionId) ?? firstVisit) < updatedAt

export function markSeen(sessionId: string, updatedAt: number): void {
  if (!hasNews(sessionId, updatedAt)) return
  const next = new Map(seen())
  next.delete(sessionId)
  next.set(sessionId, updatedAt)
  const entries = [...next].slice(-KEPT)
  setSeen(new Map(entries))
  localStorage.setItem(KEY, JSON.stringify(entries))
}
