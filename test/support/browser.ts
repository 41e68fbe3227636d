import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { mkdir } from 'node:fs/promises'
import { chromiumPath } from '../../scripts/test-tools.ts'

function launchOptions(): { executablePath: string; args: string[] } {
  const executablePath = chromiumPath()
  if (!executablePath) throw new Error('Chromium is not there; `pnpm test` installs it.')
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  return { executablePath, args }
}

export const launchBrowser = (): Promise<Browser> => chromium.launch(launchOptions())

/** A browser whose storage is on the disk, in a folder that stays, as people's is; the others keep theirs in memory. */
export const launchOnDisk = (folder: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(folder, { ...launchOptions(), viewport: { width: 1440, height: 900 } })

export interface Person {
  readonly context: BrowserContext
  readonly page: Page
  /** What the page's console complained about, and errors nobody caught. */
  readonly complaints: readonly string[]
}

/** How big a person's screen is, and whether it is touched instead of pointed at. */
export interface Screen {
  readonly width: number
  readonly height: number
  readonly touch?: boolean
}

/** A browser of one's own: cookies, storage and network apart from the others'. */
export async function newPerson(
  browser: Browser,
  { width, height, touch = false }: Screen = { width: 1440, height: 900 },
): Promise<Person> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: 'dark',
    hasTouch: touch,
    isMobile: touch,
  })
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  return { context, page, complaints }
}

/** A picture for the person who reads a failed run. */
export async function picture(page: Page, name: string): Promise<void> {
  await mkdir('test-results/pictures', { recursive: true })
  await page.screenshot({ path: `test-results/pictures/${name}.png` })
}
