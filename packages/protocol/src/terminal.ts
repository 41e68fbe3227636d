import { z } from 'zod'

const size = { columns: z.int().min(2).max(500), rows: z.int().min(2).max(300) }

/** Text frames from a browser to a terminal, at `/terminals/<workspace>/<session>/<run>`. Only members may send them. */
export const terminalInputSchema = z.discriminatedUnion('k', [
  z.object({ k: z.literal('input'), text: z.string().max(64 * 1024) }),
  /** The terminal takes the size that was asked for last; all who look are told. */
  z.object({ k: z.literal('size'), ...size }),
])
export type TerminalInput = z.infer<typeof terminalInputSchema>

/** Text frames to those who look at a terminal; binary frames are what it prints, as UTF-8. */
export const terminalNewsSchema = z.discriminatedUnion('k', [
  /** What follows is the scroll-back, from an empty screen. `write`: this viewer may type. */
  z.object({ k: z.literal('begin'), write: z.boolean(), ...size }),
  z.object({ k: z.literal('size'), ...size }),
])
export type TerminalNews = z.infer<typeof terminalNewsSchema>

/** Why a terminal's socket was closed: not there (any more), not allowed, too slow for what it prints (come back for the end of it). */
export const TERMINAL_CLOSED = { gone: 4404, forbidden: 4403, slow: 4408, unauthorized: 4401 } as const
