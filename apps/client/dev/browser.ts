import { createServer, type Server } from 'node:http'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Me } from '@coppice/protocol'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { launchBrowser } from '../../../test/support/browser.ts'
import { buildScreens } from './build-screens.ts'

/** The policy the server sends: the screens are tested under it. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"

const types: Record<string, string> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
  png: 'image/png',
  webmanifest: 'application/manifest+json',
  wasm: 'application/wasm',
}

/** The content type of a file of the build. */
export const typeOf = (file: string): string => types[path.extname(file).slice(1)] ?? 'application/octet-stream'

/** The screens over their stand-in server, built, served under the real policy, and a browser to look at them. */
export interface Screens {
  /**
   * Opens a page of its own at a fixture, e.g. `fixture=harbor&at=/inbox`, with nothing stored. Closing the page is enough:
   * the next one takes over its browser's code cache, and nothing else.
   */
  open(query: string, options?: BrowserContextOptions): Promise<Page>
  /** What any page's console complained about since the last look. */
  complaints(): readonly string[]
  close(): Promise<void>
}

export const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

export async function openScreens(): Promise<Screens> {
  const built = process.env['COPPICE_SCREENS']
  const folder = built ?? (await mkdtemp(path.join(tmpdir(), 'coppice-screens-')))
  if (built === undefined) await buildScreens(folder)
  const server = await serve(folder)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the screens are served on no port')
  const origin = `http://127.0.0.1:${address.port}`
  const browser = await launchBrowser()
  const contexts = new KeptContexts(browser, origin)
  const complaints: string[] = []
  return {
    async open(query, options = {}) {
      const page = await contexts.newPage(options)
      page.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
      page.on('console', (message) => {
        // The server inside the page has no rooms: drafts stay on the device there.
        if (message.type() === 'error' && !message.text().includes('/yjs/')) complaints.push(message.text())
      })
      await page.goto(`${origin}/dev/index.html?${query}`)
      await page.waitForSelector('.frame')
      return page
    },
    complaints: () => complaints.splice(0),
    async close() {
      await browser.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (built === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Contexts of one browser. One that has no page any more serves the next: a new one would compile all code again, which takes a second. */
class KeptContexts {
  readonly #browser: Browser
  readonly #origin: string
  readonly #contexts = new Map<string, BrowserContext[]>()

  constructor(browser: Browser, origin: string) {
    this.#browser = browser
    this.#origin = origin
  }

  async newPage(options: BrowserContextOptions): Promise<Page> {
    const name = JSON.stringify(options)
    const alike = this.#contexts.get(name) ?? []
    const free = alike.find((context) => context.pages().length === 0)
    if (free === undefined) {
      const context = await this.#browser.newContext({
        viewport: { width: 1440, height: 900 },
        colorScheme: 'dark',
        ...options,
      })
      context.setDefaultTimeout(60_000)
      this.#contexts.set(name, [...alike, context])
      return context.newPage()
    }
    const page = await free.newPage()
    const cdp = await free.newCDPSession(page)
    await cdp.send('Storage.clearDataForOrigin', { origin: this.#origin, storageTypes: 'local_storage,indexeddb' })
    await cdp.detach()
    return page
  }
}

/** Who is signed in, on the machine of the fixtures' runner. */
const ME: Me = { userId: 'mara', name: 'mara', role: 'owner', serverVersion: 'stand-in', host: 'oak' }

async function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x')
    if (pathname === '/api/me')
      return void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ ok: true, data: ME }))
    const file = path.join(folder, path.normalize(pathname))
    void readFile(file).then(
      (content) =>
        response
          .writeHead(200, {
            'content-type': typeOf(file),
            'content-security-policy': POLICY,
            ...(pathname.startsWith('/assets/') && { 'cache-control': 'max-age=3600' }),
          })
          .end(content),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

/** axe's findings that matter: serious and critical ones, a line each. */
export async function seriousProblems(page: Page, contrastOnly: boolean): Promise<string[]> {
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await page.evaluate(source)
  return page.evaluate(async (only) => {
    const axe = (
      globalThis as unknown as {
        axe: {
          run(
            options: object,
          ): Promise<{ violations: { id: string; impact: string | null; nodes: { html: string }[] }[] }>
        }
      }
    ).axe
    const { violations } = await axe.run({ resultTypes: ['violations'], ...(only && { runOnly: ['color-contrast'] }) })
    return violations
      .filter((one) => one.impact === 'serious' || one.impact === 'critical')
      .map((one) => `${one.impact} ${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
  }, contrastOnly)
}
