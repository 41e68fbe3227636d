import { failedSchema, meSchema, type Me } from '@coppice/protocol'

/** What the server answered, or what went wrong in a sentence. */
export type Answer<T> =
  { readonly ok: true; readonly data: T } | { readonly ok: false; readonly status: number; readonly message: string }

/** What can check a value; the protocol's schemas can. */
interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false }
}

/** Asks the server's REST side; the answer is checked against its schema. */
export async function ask<T>(
  schema: Schema<T>,
  path: string,
  request: { method?: 'GET' | 'POST' | 'DELETE'; body?: unknown } = {},
): Promise<Answer<T>> {
  const response = await fetch(path, {
    method: request.method ?? 'GET',
    headers: { accept: 'application/json', ...(request.body !== undefined && { 'content-type': 'application/json' }) },
    credentials: 'same-origin',
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
  }).catch((error: unknown) => {
    // What fetch throws where there is no answer; an answer of any status is none of its errors.
    if (error instanceof TypeError) return undefined
    throw error
  })
  if (response === undefined)
    return { ok: false, status: 0, message: 'The server cannot be reached. Nothing was changed.' }
  const text = await response.text()
  const value: unknown = text.startsWith('{') ? JSON.parse(text) : undefined
  if (typeof value === 'object' && value !== null && 'ok' in value && value.ok === true && 'data' in value) {
    const good = schema.safeParse(value.data)
    if (good.success) return { ok: true, data: good.data }
  }
  const bad = failedSchema.safeParse(value)
  return {
    ok: false,
    status: response.status,
    message: bad.success
      ? bad.data.error
      : `The server answered ${response.status} with something this page does not understand.`,
  }
}

/** For answers of which only the success counts. */
export const anything: Schema<unknown> = { safeParse: (data) => ({ success: true, data }) }

/** Who is signed in here. */
export const askMe = (): Promise<Answer<Me>> => ask(meSchema, '/api/me')
