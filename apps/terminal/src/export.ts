import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { runningInstallation } from './installation.ts'
import { Problem } from './problem.ts'
import { Remote } from './remote.ts'

/** Writes all logs that the owner may read: one JSON event a line, log by log, in order. */
export async function exportLogs(data: string, file: string): Promise<void> {
  const remote = await Remote.connect(await runningInstallation(data))
  const out = createWriteStream(file, { flags: 'wx' })
  try {
    await once(out, 'open')
  } catch (error) {
    remote.close()
    throw new Problem(refusal(file, error), { cause: error })
  }
  let count = 0
  for (const { log, head } of remote.welcome.logs) {
    for await (const events of remote.events(log, head)) {
      for (const event of events) {
        if (!out.write(`${JSON.stringify(event)}\n`)) await once(out, 'drain')
        count += 1
      }
    }
  }
  out.end()
  await finished(out)
  remote.close()
  process.stderr.write(`${count} events of ${remote.welcome.logs.length} logs are in ${file}.\n`)
}

function refusal(file: string, error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
    return `${file} is there already, and was left as it is. Name another file.`
  return `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}. Nothing was exported. Name another file.`
}
