/** The last files a person opened in a session, newest first (F-8). */

const MOST = 15
const key = (sessionId: string): string => `coppice:files:${sessionId}`

export function recentFiles(sessionId: string): readonly string[] {
  const kept: unknown = JSON.parse(localStorage.getItem(key(sessionId)) ?? '[]')
  return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string').slice(0, MOST) : []
}

/** The file goes to the top; the oldest of more than 15 goes. */
export function noteOpened(sessionId: string, path: string): void {
  keep(sessionId, [path, ...recentFiles(sessionId).filter((one) => one !== path)])
}

/** A file that is no longer there, or has another name now. */
export function noteGone(sessionId: string, path: string): void {
  keep(
    sessionId,
    recentFiles(sessionId).filter((one) => one !== path && !one.startsWith(`${path}/`)),
  )
}

function keep(sessionId: string, paths: readonly string[]): void {
  try {
    localStorage.setItem(key(sessionId), JSON.stringify(paths.slice(0, MOST)))
  } catch (error) {
    // Full or forbidden: the list is a convenience.
    console.warn('The recent files could not be kept.', error)
  }
}
