/**
 * Whether a page of this `Origin` was served by this very server (RFC 6454; the scheme is left out, because a proxy
 * may have taken the TLS off). Other pages may send a person's cookie along; they must not act with it.
 */
export function isSameOrigin(origin: string, host: string | null | undefined): boolean {
  if (!host) return false
  return URL.canParse(origin) && new URL(origin).host === host
}
