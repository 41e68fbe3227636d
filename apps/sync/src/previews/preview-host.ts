const LOCAL = ['localhost', '127.0.0.1', '[::1]', '::1']

/**
 * Host names of previews: `<id>.localhost` for who works on the same machine (browsers lead all such names there), and
 * `<id>.<COPPICE_PREVIEW_HOST>` elsewhere.
 */
export class PreviewHost {
  readonly #domain: string | undefined

  /** @param domain all of whose subdomains lead to this server; none: only who works on the same machine can open previews */
  constructor(domain: string | undefined) {
    this.#domain = domain === undefined || domain === '' ? undefined : domain.toLowerCase()
  }

  /** The id in a request's host name: empty for a name that is a preview's and has none, undefined for one that is no preview's. */
  idIn(host: string | undefined): string | undefined {
    const name = (host ?? '').toLowerCase().replace(/:\d+$/, '')
    const domain = ['localhost', ...(this.#domain ? [this.#domain] : [])].find((one) => name.endsWith(`.${one}`))
    if (domain === undefined) return undefined
    const id = name.slice(0, -domain.length - 1)
    return /^[0-9a-f]{16}$/.test(id) ? id : ''
  }

  /** Where a preview is, for who reached Coppice at an address; undefined where there is no name for it. */
  originOf(id: string, coppice: URL): string | undefined {
    const port = coppice.port === '' ? '' : `:${coppice.port}`
    if (LOCAL.includes(coppice.hostname)) return `${coppice.protocol}//${id}.localhost${port}`
    return this.#domain && `${coppice.protocol}//${id}.${this.#domain}${port}`
  }
}
