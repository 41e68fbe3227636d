/**
 * PF-5, smaller: a replica of 10,000 events in Chromium. From navigation to the list on the screen, and to a session
 * open and readable; with the server there and with the network cut. The baseline is a page of the same server without
 * script. Needs Chromium and the built web app.
 */
import { makeCommand, newId, sessionStream, WORKSPACE_STREAM, workspaceLog, type Command } from '@coppice/events'
import { once } from 'node:events'
import type { Page } from 'playwright-core'
import { WebSocket } from 'ws'
import { launchBrowser } from '../test/support/browser.ts'
import { judge, median } from './support/figures.ts'
import { startCoppice, temporaryFolder, type ServerReady } from './support/processes.ts'

const SESSIONS = 100
const MESSAGES_EACH = 98
const ROUNDS = 5
const LIST_BAR_MS = 300
const OPEN_BAR_MS = 2_000

/** Fills a workspace over the WebSocket, the way clients do. */
async function fill({ url, ownerToken, runnerId }: ServerReady): Promise<void> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/sync`, {
    headers: { authorization: `Bearer ${ownerToken}` },
  })
  await once(socket, 'open')
  let receipts = 0
  socket.on('message', (data) => {
    if (String(data).startsWith('{"t":"receipt"')) receipts += 1
  })
  socket.send(
    JSON.stringify({ t: 'hello', version: 1, oldest: 1, role: 'client', clientId: newId(), appVersion: 'bench' }),
  )
  const workspaceId = newId()
  const log = workspaceLog(workspaceId)
  const stamp = (): { id: string; now: number } => ({ id: newId(), now: Date.now() })
  const commands: Command[] = [
    makeCommand(
      { log, stream: WORKSPACE_STREAM },
      'workspace.create',
      { workspaceId, name: 'bench', source: { kind: 'path', path: '/nowhere' }, runnerId, creatorName: 'Bench' },
      stamp(),
    ),
  ]
  for (let s = 0; s < SESSIONS; s += 1) {
    const sessionId = newId()
    const address = { log, stream: sessionStream(sessionId) }
    commands.push(
      makeCommand(
        address,
        'session.create',
        {
          sessionId,
          workspaceId,
          name: `Session ${s}`,
          mode: 'chat',
          provider: 'script',
          model: '',
          baseBranch: 'main',
          stepMode: 'manual',
        },
        stamp(),
      ),
    )
    for (let m = 0; m < MESSAGES_EACH; m += 1) {
      commands.push(
        makeCommand(
          address,
          'message.send',
          { messageId: newId(), text: `Message ${m}: ${'what is to be done, and why. '.repeat(4)}` },
          stamp(),
        ),
      )
    }
  }
  for (let at = 0; at < commands.length; at += 100) {
    socket.send(JSON.stringify({ t: 'push', commands: commands.slice(at, at + 100) }))
    while (receipts < Math.min(at + 100, commands.length)) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  socket.close()
}

/** Notes when the list is on the screen, in the page's own clock, which starts with the navigation. */
const WATCH = `new MutationObserver(() => {
  if (window.listAt === undefined && document.querySelector('nav[aria-label="Sessions"] a[href^="/session/"], nav[aria-label="Sessions"] [data-session]')) window.listAt = performance.now()
}).observe(document, { childList: true, subtree: true })`

async function measure(page: Page, url: string): Promise<{ list: number; open: number }> {
  await page.goto(url)
  const list = Number(await (await page.waitForFunction('window.listAt')).jsonValue())
  await page
    .locator('nav[aria-label="Sessions"]')
    .getByText(/^Session \d+$/)
    .first()
    .click()
  await page
    .getByRole('list', { name: 'Queued messages' })
    .getByText(/Message 0:/)
    .waitFor()
  return { list, open: Number(await page.evaluate('performance.now()')) }
}

const { folder, remove } = temporaryFolder()
const server = await startCoppice(folder)
const browser = await launchBrowser()
try {
  await fill(server.ready)
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  context.setDefaultTimeout(60_000)
  await context.addInitScript(WATCH)
  const page = await context.newPage()
  const { link } = server.ready as ServerReady & { link: string }
  const begun = performance.now()
  await page.goto(link)
  await page.getByLabel('Name').fill('Bench')
  await page.getByRole('button').first().click()
  await page.locator('header').getByText('On line').first().waitFor()
  process.stdout.write(`new device, everything fetched: ${Math.round(performance.now() - begun)} ms\n`)
  await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
  const names =
    'navigator.storage.getDirectory().then(async (root) => { const all = []; for await (const name of root.keys()) all.push(name); return all.join() })'
  while (!String(await page.evaluate(names)).includes('.made')) await page.waitForTimeout(200)
  await page.goto(`${server.ready.url}/settings`)
  await page.getByText('a copy of your workspaces is kept here').waitFor()
  await page.locator('header').getByText('On line').first().waitFor()

  const bare: number[] = []
  const connected = { list: [] as number[], open: [] as number[] }
  const cutOff = { list: [] as number[], open: [] as number[] }
  for (let round = 0; round < ROUNDS; round += 1) {
    await context.setOffline(false)
    await page.goto(`${server.ready.url}/join/none`)
    bare.push(Number(await page.evaluate('performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd')))
    for (const [figures, offline] of [
      [connected, false],
      [cutOff, true],
    ] as const) {
      await context.setOffline(offline)
      const { list, open } = await measure(page, server.ready.url)
      figures.list.push(list)
      figures.open.push(open)
    }
  }
  process.stdout.write(`bare page of the same server: ${Math.round(median(bare))} ms\n`)
  for (const [name, { list, open }] of [
    ['on line', connected],
    ['off line', cutOff],
  ] as const) {
    judge(`PF-5 list painted, ${name}`, median(list), { atMost: LIST_BAR_MS }, 'ms')
    judge(`PF-5 session open and readable, ${name}`, median(open), { atMost: OPEN_BAR_MS }, 'ms')
    process.stdout.write(
      `  list ${(median(list) / median(bare)).toFixed(1)}x, session ${(median(open) / median(bare)).toFixed(1)}x the bare page\n`,
    )
  }
} finally {
  await browser.close()
  await server.stop()
  remove()
}
