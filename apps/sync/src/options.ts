import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { StorePlace } from './store/open-store.ts'

const USAGE = `usage: node apps/sync/src/main.ts [--data FOLDER] [--port N] [--json] [--client-dir FOLDER] [--suggest FOLDER] [--restored] (DATABASE_URL: docs/operations.md)`

/** What a server is told by its command line and its environment. */
export interface Options extends StorePlace {
  readonly natsUrl: string | undefined
  readonly port: number
  readonly previewHost: string | undefined
  readonly clientFolder: string
  readonly suggestedPath: string | undefined
  readonly restored: boolean
  readonly report: (error: unknown) => void
  /** Whether a program reads the first line. */
  readonly json: boolean
}

/** Throws with a sentence for the person who started the server. */
export function readOptions(): Options {
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
  return {
    dataFolder: path.resolve(values.data),
    databaseUrl: process.env['DATABASE_URL'] || undefined,
    natsUrl: process.env['NATS_URL'] || undefined,
    port,
    previewHost: process.env['COPPICE_PREVIEW_HOST'] || undefined,
    clientFolder: values['client-dir'],
    suggestedPath: values.suggest,
    restored: values.restored,
    report: reportLine,
    json: values.json,
  }
}

export function reportLine(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error))
}
