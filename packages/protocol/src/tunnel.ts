import { z } from 'zod'

const session = { sessionId: z.string().max(64) }

/** What of a session a tunnel leads to. Everything in it was checked by the server. */
export const tunnelTargetSchema = z.discriminatedUnion('kind', [
  /** A terminal: frames are {@link terminalInputSchema} to the runner; bytes and {@link terminalNewsSchema} from it. */
  z.object({ kind: z.literal('terminal'), ...session, runId: z.string().max(64), write: z.boolean() }),
  /** The worktree as a zip: frames are its bytes, and it is whole when the runner closes with 1000. */
  z.object({ kind: z.literal('worktree'), ...session }),
  /** A port that a process of the session listens on: frames are its bytes. */
  z.object({ kind: z.literal('port'), ...session, port: z.int().min(1).max(65_535) }),
])
export type TunnelTarget = z.infer<typeof tunnelTargetSchema>

/**
 * From the server to a runner: open a WebSocket to `/tunnels/<id>`. Its first frame is a {@link tunnelAnswerSchema}; what follows
 * depends on the target, and begins when the server has sent {@link TUNNEL_GO}. Runners can be reached in no other way: they connect, they are not connected to.
 */
export const tunnelSchema = z.object({
  t: z.literal('tunnel'),
  id: z.string().max(64),
  log: z.string().max(100),
  target: tunnelTargetSchema,
})

/** The first frame of the server, when it is ready for what comes. */
export const TUNNEL_GO = 'go'

/** Whether the runner has what the tunnel leads to; if not, why, for a person. */
export const tunnelAnswerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), message: z.string().max(1_000) }),
])
