import type { AgentCommand } from '@coppice/protocol'

/** What was told of a session, kept on the device for when its runner cannot be asked. */
export interface Kept {
  /** The latest first. */
  readonly paths: readonly string[]
  readonly commands: Readonly<Record<string, readonly AgentCommand[]>>
}

const SESSIONS = 20
const PATHS = 300
const INDEX = 'coppice:picked'
const nothing: Kept = { paths: [], commands: {} }
const keyOf = (sessionId: string): string => `${INDEX}:${sessionId}`

export function readKept(sessionId: string): Kept {
  return { ...nothing, ...(parsed(keyOf(sessionId)) as Partial<Kept> | undefined) }
}

/** Paths that were not there before come first; so many sessions are kept as were used last. */
export function keep(sessionId: string, kept: Kept): Kept {
  const cut = { ...kept, paths: [...new Set(kept.paths)].slice(0, PATHS) }
  const known = parsed(INDEX)
  const sessions = Array.isArray(known) ? known.filter((one) => typeof one === 'string' && one !== sessionId) : []
  try {
    for (const old of sessions.splice(SESSIONS - 1)) localStorage.removeItem(keyOf(String(old)))
    localStorage.setItem(INDEX, JSON.stringify([sessionId, ...sessions]))
    localStorage.setItem(keyOf(sessionId), JSON.stringify(cut))
  } catch (error) {
    console.warn('There is no room to keep the files of a session for when it is off line.', error)
  }
  return cut
}

/** What cannot be read is as if it had never been kept. */
function parsed(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') ?? undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
