import { z } from 'zod'

/** A zod object as the JSON Schema that models are given. */
export function inputSchema(schema: z.ZodType): Readonly<Record<string, unknown>> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}
