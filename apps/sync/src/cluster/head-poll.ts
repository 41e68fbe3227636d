import { LIMITS } from '../limits.ts'

/**
 * Looks every so often what other servers have written, in case a wake-up was lost: the net under the bus. Also the first
 * to notice that the database is gone, and that it is back; each is said once.
 */
export function pollHeads(readOn: () => Promise<void>, report: (error: unknown) => void): { stop(): void } {
  let reading = false
  let away = false
  const look = async (): Promise<void> => {
    if (reading) return
    reading = true
    try {
      await readOn()
      if (away) report(new Error('The database is back. Everything goes on.'))
      away = false
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error)
      if (!away) report(new Error(`${said}. Nothing is acknowledged until it is back; then it goes on by itself.`))
      away = true
    } finally {
      reading = false
    }
  }
  const timer = setInterval(() => void look(), LIMITS.headPollMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
