/**
 * Opening and scrolling a diff of 1,000 files and 110,000 lines (some 10 MB), in headless Chromium, beside one plain `<pre>` of
 * the same text. `--files N` changes the size. The page fetches what comes near the window; the `<pre>` has it all at once.
 */
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { openScreens } from '../apps/client/dev/browser.ts'
import { largeText } from '../apps/client/dev/large-diff.ts'

const { values } = parseArgs({ options: { files: { type: 'string', default: '1000' } } })
const files = Number(values.files)
const text = largeText(files)

interface Measured {
  readonly open: number
  readonly p50: number
  readonly p99: number
  readonly nodes: number
}

const screens = await openScreens()
try {
  const page = await screens.open(`fixture=harbor&diff=${files}&at=/session/limit`)
  await page.getByRole('tab', { name: 'Git' }).waitFor()
  const viewer = await measured(page, 'viewer')
  await page.close()
  const bare = await screens.open('fixture=empty')
  const plain = await measured(bare, 'pre', text)
  const row = (what: string, a: number, b: number, unit: string): void =>
    void process.stdout.write(
      `${what.padEnd(34)} viewer ${a.toFixed(1).padStart(9)} ${unit}   <pre> ${b.toFixed(1).padStart(9)} ${unit}   ${(a / b).toFixed(2)}x\n`,
    )
  process.stdout.write(`${files} files, ${(text.length / 1e6).toFixed(1)} MB\n`)
  row('open, to the first lines', viewer.open, plain.open, 'ms')
  row('frame while scrolling, p50', viewer.p50, plain.p50, 'ms')
  row('frame while scrolling, p99', viewer.p99, plain.p99, 'ms')
  row('elements in the page', viewer.nodes, plain.nodes, '  ')
} finally {
  await screens.close()
}

async function measured(page: Page, what: 'viewer' | 'pre', plain = ''): Promise<Measured> {
  const open = await page.evaluate(opened, { what, plain })
  await page.waitForTimeout(500)
  const frames = await page.evaluate(scrolled, what)
  const sorted = frames.toSorted((a, b) => a - b)
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? 0
  const nodes = await page.evaluate(() => document.querySelectorAll('*').length)
  return { open, p50: at(0.5), p99: at(0.99), nodes }
}

/** From asking for it to the frame that shows its first lines. */
function opened({ what, plain }: { what: string; plain: string }): Promise<number> {
  return new Promise((resolve) => {
    const start = performance.now()
    const look = (): void => {
      const there = document.querySelector(what === 'pre' ? 'pre.bench' : '.diff-row .text')
      if (there) requestAnimationFrame(() => resolve(performance.now() - start))
      else requestAnimationFrame(look)
    }
    if (what === 'pre') {
      const pre = document.createElement('pre')
      pre.className = 'bench'
      pre.textContent = plain
      pre.style.cssText = 'position: fixed; inset: 0; overflow: auto; background: black; font: 12px/20px monospace'
      document.body.append(pre)
    } else {
      history.pushState(null, '', '/session/limit/changes')
      dispatchEvent(new PopStateEvent('popstate'))
    }
    look()
  })
}

/** Lengths of frames while it is scrolled by most of a window a frame, 600 times. */
function scrolled(what: string): Promise<number[]> {
  return new Promise((resolve) => {
    const scroller = document.querySelector<HTMLElement>(what === 'pre' ? 'pre.bench' : '.diff-files')
    const lengths: number[] = []
    let last = performance.now()
    const step = (): void => {
      const now = performance.now()
      lengths.push(now - last)
      last = now
      scroller?.scrollBy({ top: 700 })
      if (lengths.length < 600) requestAnimationFrame(step)
      else resolve(lengths.slice(5))
    }
    requestAnimationFrame(step)
  })
}
