/**
 * PF-7: what a piece of streamed text costs the page in a session of 18,474 events, against one that has just begun, in headless
 * Chromium. Processor time of the page's main thread while an answer of 300 words comes in; the two take turns.
 *
 *   pnpm bench deltas [--messages N] [--rounds N]
 */
import { parseArgs } from 'node:util'
import { openScreens, type Screens } from '../apps/client/dev/browser.ts'

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '10040' }, rounds: { type: 'string', default: '3' } },
})
const MOST = 1.2
const WORDS = 300
const answer = `${Array.from({ length: WORDS }, (_, i) => `word${i}`).join(' ')} over.`

interface Round {
  readonly events: number
  /** Processor time for one word, milliseconds. */
  readonly cost: number
}

const screens = await openScreens()
const rounds: { short: Round; long: Round }[] = []
try {
  for (let n = 0; n < Number(values.rounds); n += 1)
    rounds.push({ short: await round(screens, '20'), long: await round(screens, values.messages) })
} finally {
  await screens.close()
}
const ratios = rounds.map(({ short, long }) => long.cost / short.cost)
for (const { short, long } of rounds)
  console.log(
    `PF-7 a word: ${short.cost.toFixed(2)} ms in ${short.events} events, ${long.cost.toFixed(2)} ms in ${long.events}`,
  )
const ratio = median(ratios)
console.log(
  `PF-7 ratio (median of ${ratios.length}): ${ratio.toFixed(2)} (${MOST} at most) ${ratio <= MOST ? 'met' : 'NOT MET'}`,
)
if (ratio > MOST) process.exitCode = 1

async function round(from: Screens, messages: string): Promise<Round> {
  const page = await from.open(
    `fixture=long&messages=${messages}&play&answer=${encodeURIComponent(answer)}&at=/session/long`,
  )
  page.setDefaultTimeout(240_000)
  try {
    const box = page.getByRole('textbox', { name: 'Message', exact: true })
    await box.waitFor()
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
    const busy = async (): Promise<number> =>
      ((await cdp.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) *
      1_000
    await box.fill('Go')
    await box.press('Enter')
    const feed = page.getByRole('feed')
    // What sending costs is not meant; nor is the end, when the message becomes a row.
    await feed.getByText('word20 ').last().waitFor()
    const before = await busy()
    await feed
      .getByText(`word${WORDS - 20} `)
      .last()
      .waitFor()
    const after = await busy()
    const events = Number(await page.evaluate("standIn.allEvents().filter((e) => e.stream === 'session/long').length"))
    return { events, cost: (after - before) / (WORDS - 40) }
  } finally {
    await page.close()
  }
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0
}
