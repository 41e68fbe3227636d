import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../../../test/support/browser.ts'
import { POLICY, typeOf } from './browser.ts'

const dist = path.resolve(import.meta.dirname, '../dist')

/** The built app on a server that can go away and can come back with a newer build. */
class Host {
  #server: Server | undefined
  port = 0
  /** Added to the service worker: another build, as the browser sees it. */
  newer = ''

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://x')
      if (pathname === '/api/me') {
        const data = { userId: 'mara', name: 'mara', role: 'owner', serverVersion: '0' }
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: true, data }))
        return
      }
      const file = path.extname(pathname) === '' ? 'index.html' : pathname
      void this.#send(response, file, pathname === '/service-worker.js' ? this.newer : '')
    })
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
    const address = server.address()
    if (address !== null && typeof address !== 'string') this.port = address.port
    this.#server = server
  }

  async #send(response: ServerResponse, file: string, more: string): Promise<void> {
    const at = path.join(dist, path.normalize(file))
    if (!existsSync(at)) {
      response.writeHead(404).end()
      return
    }
    const content = await readFile(at)
    const headers = { 'content-type': typeOf(file), 'content-security-policy': POLICY, 'cache-control': 'no-cache' }
    response.writeHead(200, headers).end(more === '' ? content : `${content.toString()}\n${more}`)
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    server?.closeAllConnections()
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
  }
}

let browser: Browser
const host = new Host()

beforeAll(async () => {
  if (!existsSync(path.join(dist, 'service-worker.js')))
    throw new Error('The client is not built: run `npx pnpm@10 build` first.')
  browser = await launchBrowser()
  await host.start()
})
afterAll(async () => {
  await browser.close()
  await host.stop()
})

describe('the installed app', () => {
  test('[UX-5] [LF-10] it can be installed, opens with the server gone, and offers a newer version without forcing it', async () => {
    const context = await browser.newContext()
    context.setDefaultTimeout(60_000)
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${host.port}/`)
    await page.locator('.frame').waitFor()
    await expectInstallable(page)
    await page.evaluate(() => navigator.serviceWorker.ready)
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null)

    await host.stop()
    await page.reload()
    await page.locator('.frame').waitFor()
    await page.locator('.connection').getByText('Off line').waitFor()
    await page.getByText('Nothing is on this device yet').waitFor()

    host.newer = '// a newer build'
    await host.start()
    await page.reload()
    const offer = page.getByText('A new version of Coppice is here.')
    await offer.waitFor()
    await page.evaluate(() => {
      document.body.dataset['before'] = 'yes'
    })
    await page.waitForTimeout(500)
    expect(await page.locator('body[data-before=yes]').count()).toBe(1)
    await page.getByRole('button', { name: 'Update' }).click()
    await page.locator('body[data-before=yes]').waitFor({ state: 'detached' })
    await page.locator('.frame').waitFor()
    await expect.poll(() => offer.count()).toBe(0)
    await context.close()
  })
})

/** What a browser asks of an app before it offers to install it. */
async function expectInstallable(page: Page): Promise<void> {
  const href = await page.locator('link[rel=manifest]').getAttribute('href')
  const manifest: unknown = await page.evaluate(
    async (url) => (await fetch(url ?? '')).json() as Promise<unknown>,
    href,
  )
  expect(manifest).toMatchObject({ name: 'Coppice', start_url: '/', display: 'standalone' })
  const { icons } = manifest as { icons: { src: string; sizes: string }[] }
  expect(icons.map(({ src }) => src).filter((src) => !existsSync(path.join(dist, src)))).toEqual([])
  expect(icons.map(({ sizes }) => sizes)).toEqual(expect.arrayContaining(['192x192', '512x512']))
}
