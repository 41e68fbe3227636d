import { writeFileSync } from 'node:fs'
import os from 'node:os'

const NICE = os.constants.priority.PRIORITY_BELOW_NORMAL

/** Linux takes one such wish of a user in a tenth of a second; more are refused for the moment. */
const AGAIN_MS = 150
const TRIES = 20

/**
 * Lets a process that was just started, and what it starts, wait for what people look at: sixteen agents at work do not hold up
 * a key or a click. Where Linux shares its processors among sessions of processes, the process's session is told, too; it must
 * have been started with one of its own. A process that is gone, or a system that knows none of this, is left as it is.
 */
export function toBackground(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    os.setPriority(pid, NICE)
  } catch {
    // It has ended.
    return
  }
  if (process.platform === 'linux') sessionToBackground(pid, TRIES)
}

function sessionToBackground(pid: number, tries: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(NICE))
  } catch (error) {
    const later = error instanceof Error && 'code' in error && error.code === 'EAGAIN' && tries > 1
    if (later) setTimeout(() => sessionToBackground(pid, tries - 1), AGAIN_MS).unref()
  }
}
