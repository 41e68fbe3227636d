import { failedSchema, okSchema } from '@coppice/protocol'
import { z } from 'zod'
import type { Installation } from './installation.ts'
import { Problem } from './problem.ts'

/** Asks the running server over REST. @throws {Problem} with the server's own words if it refuses or cannot be reached. */
export async function ask<T extends z.ZodType>(
  server: Pick<Installation, 'url' | 'ownerToken'>,
  path: string,
  answer: T,
  body?: unknown,
): Promise<z.output<T>> {
  const request: RequestInit = {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${server.ownerToken}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }
  const response = await fetch(new URL(path, server.url), request).catch((error: unknown) => {
    throw new Problem(
      `The server at ${server.url} cannot be reached. If it has ended, start it again with \`coppice up\`.`,
      { cause: error },
    )
  })
  const text = await response.text()
  const failed = failedSchema.safeParse(safeJson(text))
  if (failed.success) throw new Problem(failed.data.error)
  const ok = okSchema(z.unknown()).safeParse(safeJson(text))
  const data = answer.safeParse(ok.data?.data)
  if (!data.success)
    throw new Problem(`The server answered ${path} with something else than expected (status ${response.status}).`)
  return data.data
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return { notJson: String(error) }
  }
}
