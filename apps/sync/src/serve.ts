import { openJournal } from '@coppice/protocol/traces'
import { type Options, reportLine } from './options.ts'
import { startServer } from './server.ts'
import type { RunningStore } from './store/running-store.ts'

/** Runs a server until it is told to end or its store dies, which ends the process with 1. */
export async function serve(options: Options, store: Promise<RunningStore> | undefined): Promise<void> {
  const telling = openJournal('server', process.env, (line) => console.error(line))
  const server = await startServer({ ...options, store, journal: telling.journal })

  // Before anybody knows that we are here: a signal must never find the default answer, which is to die at once.
  let stopping = false
  const stop = (): void => {
    if (stopping) return
    stopping = true
    server
      .close()
      .then(telling.close)
      .then(
        () => process.exit(0),
        (error: unknown) => {
          reportLine(error)
          process.exit(1)
        },
      )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)

  const { url, ownerToken, runnerToken, runnerId } = server
  const link = url + server.joinPath
  // With --json the reader is the process that started us, over a pipe: the only place where tokens are printed.
  console.log(
    options.json
      ? JSON.stringify({ url, link, ownerToken, runnerToken, runnerId, pid: process.pid })
      : `Coppice is ready: ${link}`,
  )

  const error = await server.failed
  // The disk refused, or the database fell over: nothing more can be acknowledged. A new start recovers what was.
  reportLine(
    new Error(`The store has stopped: ${error.message}. Everything acknowledged is on disk; start the server again.`),
  )
  process.exit(1)
}
