import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** Holds a command of a session until the test lets it go on: what is to be seen meanwhile is there to be seen, however slow the machine is. */
export interface Gate {
  /** What the command does while it is held. */
  readonly wait: string
  open(): Promise<void>
}

/** A gate that stands open at the test's end at the latest. */
export async function gate(): Promise<Gate> {
  const folder = await mkdtemp(path.join(tmpdir(), 'coppice-gate-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return {
    wait: `while [ -d ${folder} ] && [ ! -e ${folder}/open ]; do sleep 0.1; done`,
    open: () => writeFile(path.join(folder, 'open'), ''),
  }
}
