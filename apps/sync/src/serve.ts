import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openJournal } from '@coppice/protocol/traces'
import { startServer } from './server.ts'

const USAGE = `usage: node apps/sync/src/main.ts [--data FOLDER] [--port N] [--json] [--client-dir FOLDER] [--suggest FOLDER] [--restored] (DATABASE_URL: docs/operations.md)`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: path.join(os.homedir(), '.coppice') },
      port: { type: 'string', default: '4600' },
      json: { type: 'boolean', default: false },
      suggest: { type: 'string' },
      restored: { type: 'boolean', default: false },
      'client-dir': { type: 'string', default: fileURLToPath(new URL('../../client/dist', import.meta.url)) },
    },
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port takes a number from 0 to 65535, not ${values.port}. ${USAGE}`)
  const dataFolder = path.resolve(values.data)
  const telling = openJournal('server', process.env, (line) => console.error(line))
  const server = await startServer({
    dataFolder,
    databaseUrl: process.env['DATABASE_URL'] || undefined,
    natsUrl: process.env['NATS_URL'] || undefined,
    port,
    previewHost: process.env['COPPICE_PREVIEW_HOST'] || undefined,
    clientFolder: values['client-dir'],
    report: reportLine,
    suggestedPath: values.suggest,
    restored: values.restored,
    journal: telling.journal,
  })

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
    values.json
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

function reportLine(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error))
}

main().catch((error: unknown) => {
  reportLine(error)
  process.exit(1)
})
