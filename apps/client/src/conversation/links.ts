/** Schemes a link in somebody's text may lead to. Everything else is shown as text. */
const SCHEMES = new Set(['http:', 'https:', 'mailto:'])

/** The address, if it may be a link: absolute, with an allowed scheme. */
export function safeHref(href: string): string | undefined {
  const trimmed = href.trim()
  if (!/^[a-z][a-z0-9+.-]*:/i.test(trimmed)) return undefined
  if (!URL.canParse(trimmed)) return undefined
  const url = new URL(trimmed)
  return SCHEMES.has(url.protocol) ? url.href : undefined
}
