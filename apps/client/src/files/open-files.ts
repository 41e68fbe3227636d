import { createSignal } from 'solid-js'
import { noteOpened } from './recent-files.ts'

/** Files that are open as tabs, by session; so many at most, the one opened first goes. */
const MOST = 12
const [open, setOpen] = createSignal<Readonly<Record<string, readonly string[]>>>({})

export const openFiles = (sessionId: string): readonly string[] => open()[sessionId] ?? []

export function openFile(sessionId: string, path: string): void {
  noteOpened(sessionId, path)
  const known = openFiles(sessionId)
  if (!known.includes(path)) setOpen({ ...open(), [sessionId]: [...known, path].slice(-MOST) })
}

/** Closes a tab; gives the one that is shown then, if any. */
export function closeFile(sessionId: string, path: string): string | undefined {
  const known = openFiles(sessionId)
  const at = known.indexOf(path)
  const left = known.filter((one) => one !== path)
  setOpen({ ...open(), [sessionId]: left })
  return left[Math.min(at, left.length - 1)]
}

export const fileUrl = (sessionId: string, path: string, line?: number): string =>
  `/session/${sessionId}/file?path=${encodeURIComponent(path)}${line === undefined ? '' : `&line=${line}`}`
