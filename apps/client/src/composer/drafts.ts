/** What is being written, by session: it survives a reload, and is gone once it was sent. */
const key = (sessionId: string): string => `coppice:draft:${sessionId}`

export const readDraft = (sessionId: string): string => localStorage.getItem(key(sessionId)) ?? ''

export function keepDraft(sessionId: string, text: string): void {
  if (text === '') localStorage.removeItem(key(sessionId))
  else localStorage.setItem(key(sessionId), text)
}
