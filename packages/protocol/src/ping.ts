import { z } from 'zod'

/** Is the connection alive, and how slow? Browsers cannot see WebSocket pings, so clients ask in a message of their own. */
export const pingSchema = z.object({ t: z.literal('ping'), n: z.int().min(0) })
export const pongSchema = z.object({ t: z.literal('pong'), n: z.int().min(0) })
