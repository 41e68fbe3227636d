/**
 * Whether a page of another origin asks, as the browser says (Fetch Metadata): its script may not act, or read, with a person's
 * cookie. Following a link is no such thing. Browsers that do not say are kept out by the checks of `Origin`.
 */
export function isForeignScript(headers: { header(name: string): string | undefined }): boolean {
  const site = headers.header('sec-fetch-site')
  return (site === 'same-site' || site === 'cross-site') && headers.header('sec-fetch-mode') !== 'navigate'
}

/**
 * Whether a page of this `Origin` was served by this very server (RFC 6454; the scheme is left out, because a proxy
 * may have taken the TLS off). Other pages may send a person's cookie along; they must not act with it.
 */
export function isSameOrigin(origin: string, host: string | null | undefined): boolean {
  if (!host) return false
  return URL.canParse(origin) && new URL(origin).host === host
}
