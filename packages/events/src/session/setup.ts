import { z } from 'zod'
import { idSchema } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { pathSchema } from './vocabulary.ts'

/** SHA-256 of a script's bytes, lowercase hexadecimal: what people trust is exactly these. */
export const scriptHashSchema = z.string().regex(/^[0-9a-f]{64}$/)

/** What a runner tells of a script that came with the repository and is meant to run in each new worktree (WS-4). */
export const setupFacts = {
  /** It is there as the worktree begins; whether it may run is for the workspace's members. */
  'setup.found': z.object({
    setupId: idSchema,
    path: pathSchema,
    sha256: scriptHashSchema,
    /** All of it: nobody is asked to trust what cannot be read. */
    text: z.string().max(LIMITS.setupScriptChars),
  }),
  'setup.started': z.object({ setupId: idSchema }),
  'setup.ended': z.object({
    setupId: idSchema,
    /** `refused`: somebody said that it must not run. */
    outcome: z.enum(['done', 'failed', 'refused']),
    exitCode: z.int().nullable().optional(),
    durationMs: z.number().min(0),
  }),
}

/** How far a session's setup script is; in its state and, small, in its row. */
export interface Setup {
  readonly setupId: string
  readonly path: string
  readonly sha256: string
  readonly state: 'asked' | 'running' | 'done' | 'failed' | 'refused'
}

type SetupEvent = {
  [T in keyof typeof setupFacts]: { readonly type: T; readonly data: z.output<(typeof setupFacts)[T]> }
}[keyof typeof setupFacts]

/** Folds a fact about the script; one about another script changes nothing. */
export function setupAfter(event: SetupEvent, setup: Setup | undefined): Setup | undefined {
  if (event.type === 'setup.found') {
    const { setupId, path, sha256 } = event.data
    return setup?.setupId === setupId ? setup : { setupId, path, sha256, state: 'asked' }
  }
  if (setup?.setupId !== event.data.setupId) return setup
  return { ...setup, state: event.type === 'setup.started' ? 'running' : event.data.outcome }
}

/** Nothing is delivered to an agent whose worktree is not set up yet. */
export const setupIsOpen = (setup: Setup | undefined): boolean => setup?.state === 'asked' || setup?.state === 'running'
