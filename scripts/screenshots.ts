/**
 * `pnpm screenshots [NAME …]`: every screen, or those named, dark and light, desk and phone, into docs/screens. The screens stand over a server inside
 * the page, so that the pictures need nothing else and change only when the screens do.
 */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { openScreens, PHONE } from '../apps/client/dev/browser.ts'
import { allScreens, settled } from '../apps/client/dev/all-screens.ts'

const folder = path.resolve(import.meta.dirname, '../docs/screens')
await mkdir(folder, { recursive: true })
const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !allScreens.some((screen) => screen.name === name))
if (unknown.length > 0)
  throw new Error(`There is no screen ${unknown.join(', ')}; apps/client/dev/all-screens.ts names them.`)
const screens = await openScreens()
try {
  for (const { name, query, act } of allScreens) {
    if (chosen.length > 0 && !chosen.includes(name)) continue
    for (const theme of ['dark', 'light'] as const) await take(name, `${query}&theme=${theme}`, theme, act)
    if (act === undefined || name === 'new session') await take(name, `${query}&theme=dark`, 'phone', act)
  }
} finally {
  await screens.close()
}
process.stdout.write(`The pictures are in ${folder}. Look at them.\n`)

async function take(
  name: string,
  query: string,
  kind: 'dark' | 'light' | 'phone',
  act?: (page: Page) => Promise<unknown>,
) {
  const page = await screens.open(query, kind === 'phone' ? PHONE : {})
  await settled(page)
  await act?.(page)
  await settled(page)
  await page.screenshot({ path: path.join(folder, `${name.replaceAll(' ', '-')}-${kind}.png`) })
  await page.close()
}
