import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

/** Between two neighbours only (RFC 9110, section 7.6.1). */
const hops = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'])

/** What a dev server may not decide for a whole host, or about Coppice's own cookies. */
const notItsOwn = new Set(['strict-transport-security', 'clear-site-data', 'alt-svc', 'public-key-pins'])

export const PREVIEW_COOKIE = 'coppice_preview'
const isOurs = (cookie: string): boolean => /^\s*(__secure-|__host-)?coppice/i.test(cookie)

/** The value of the preview's own cookie; undefined where there is none. */
export function previewCookie(header: string | undefined): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=')
    if (name === PREVIEW_COOKIE) return value
  }
  return undefined
}

/**
 * A request's headers as the dev server gets them: as if it were asked on its own machine, and without Coppice's cookies.
 * @param own host of the preview, as the browser has it
 */
export function toDevServer(headers: IncomingHttpHeaders, own: string, port: number): OutgoingHttpHeaders {
  const target = `localhost:${port}`
  const passed: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers)) if (!hops.has(name) && value !== undefined) passed[name] = value
  const cookies = (headers.cookie ?? '').split(';').filter((one) => one.trim() !== '' && !isOurs(one))
  delete passed['cookie']
  delete passed['authorization']
  if (cookies.length > 0) passed['cookie'] = cookies.join(';').trim()
  if (headers.authorization !== undefined && !/^Bearer coppice_/i.test(headers.authorization))
    passed['authorization'] = headers.authorization
  for (const name of ['origin', 'referer'] as const) {
    const value = headers[name]
    if (value !== undefined && URL.canParse(value) && new URL(value).host === own)
      passed[name] = name === 'origin' ? `http://${target}` : value.replace(/^https?:\/\/[^/]+/, `http://${target}`)
  }
  return { ...passed, host: target, 'x-forwarded-host': own }
}

/** A dev server's headers as the browser gets them. */
export function fromDevServer(headers: IncomingHttpHeaders, port: number): OutgoingHttpHeaders {
  const passed: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers))
    if (!hops.has(name) && !notItsOwn.has(name) && value !== undefined) passed[name] = value
  const cookies = (headers['set-cookie'] ?? []).filter((one) => !isOurs(one))
  delete passed['set-cookie']
  if (cookies.length > 0) passed['set-cookie'] = cookies
  // It knows itself by another name.
  const own = new RegExp(`^https?://(localhost|127\\.0\\.0\\.1|\\[::1\\]):${port}(?=/|$)`)
  if (headers.location !== undefined) passed['location'] = headers.location.replace(own, '') || '/'
  return passed
}
