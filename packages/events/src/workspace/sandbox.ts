import { z } from 'zod'

/** Whether the workspace's agents are kept in a sandbox, and whether they have the network there. */
export const sandboxSchema = z.object({ on: z.boolean(), network: z.boolean() })
export type Sandbox = z.infer<typeof sandboxSchema>
