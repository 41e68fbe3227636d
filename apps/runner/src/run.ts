/**
 * A runner as a process of its own:
 *
 *   node apps/runner/src/main.ts --server http://127.0.0.1:4600 --data DIR [--token T | --token-file FILE]
 *
 * The token is better given in COPPICE_RUNNER_TOKEN or a file: the process list shows arguments. A file is read again for
 * each attempt to connect, so its server may replace it. `--json` prints one JSON line when it is ready. Ends with code 0 on SIGTERM, 2 when the server does not want it, 1 on anything else.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { openJournal } from '@coppice/protocol/traces'
import { takeDataFolder } from './data-folder.ts'
import { requireGit } from './git/version.ts'
import type { RunnerToken } from './connection/server-link.ts'
import { Runner } from './runner.ts'

const { values } = parseArgs({
  options: {
    server: { type: 'string' },
    token: { type: 'string' },
    'token-file': { type: 'string' },
    data: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})

function say(line: string): void {
  console.error(`[runner] ${line}`)
}

function give(message: string, code: number): never {
  say(message)
  process.exit(code)
}

const tokenFile = values['token-file']
const given = values.token ?? process.env['COPPICE_RUNNER_TOKEN'] ?? ''
const token: RunnerToken = tokenFile
  ? { renewable: true, read: () => readFileSync(tokenFile, 'utf8').trim() }
  : { renewable: false, read: () => given.trim() }
if (!values.server) give('Which server? Start it with --server http://host:port.', 1)
if (!values.data) give('Where may it keep its files? Start it with --data FOLDER.', 1)
if (!tokenFile && given.trim() === '')
  give(
    'It needs a runner token: set COPPICE_RUNNER_TOKEN, or give --token-file FILE. "coppice token create --kind runner --name NAME" makes one.',
    1,
  )

const dataFolder = path.resolve(values.data)
let release: () => void = () => undefined
try {
  release = takeDataFolder(dataFolder)
  process.on('exit', release)
  // Children get the environment; the token is not theirs.
  delete process.env['COPPICE_RUNNER_TOKEN']
  const telling = openJournal('runner', process.env, (line) => console.error(line))
  const runner = await Runner.start({
    server: values.server,
    token,
    dataFolder,
    gitVersion: (await requireGit()).replace(/^git version /, ''),
    env: process.env,
    say,
    journal: telling.journal,
    refused: (why) => give(why, 2),
    ready: () => {
      if (values.json) console.log(JSON.stringify({ ready: true, pid: process.pid }))
    },
  })
  const stop = (): void =>
    void runner
      .stop()
      .then(telling.close)
      .then(
        () => process.exit(0),
        (error: unknown) => give(`It could not stop in order: ${String(error)}`, 1),
      )
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
} catch (error) {
  give(error instanceof Error ? error.message : String(error), 1)
}
