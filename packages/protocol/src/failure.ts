import { z } from 'zod'

/** Something about the connection itself went wrong. `fatal`: the server closes it after this. */
export const failureSchema = z.object({
  t: z.literal('error'),
  code: z.enum([
    'version',
    'unauthorized',
    'forbidden',
    'malformed',
    'too_large',
    'rate_limited',
    'fenced',
    'internal',
    'shutting_down',
  ]),
  message: z.string(),
  fatal: z.boolean(),
})
export type Failure = z.infer<typeof failureSchema>
