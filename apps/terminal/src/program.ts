import { Command, InvalidArgumentError } from 'commander'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { exportLogs } from './export.ts'
import { Problem } from './problem.ts'
import { printLink } from './link.ts'
import { createToken } from './token.ts'
import { makeBackup, restoreBackup } from './backup.ts'
import { doctor } from './doctor/doctor.ts'
import { builtClient } from './up/build-client.ts'
import { up } from './up/up.ts'

const DEFAULT_DATA = process.env['COPPICE_DATA'] ?? join(homedir(), '.coppice')
const DEFAULT_PORT = 4860

/** pnpm runs scripts in the repository's root; a path that a person typed is meant from where they typed it. */
const fromHere = (path: string): string => resolve(process.env['INIT_CWD'] ?? process.cwd(), path)

const port = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 (any free one) to 65535.')
  return value
}

const program = new Command('coppice').description(
  'Run AI coding sessions in git worktrees and keep everything as a log of events.',
)

program
  .command('up')
  .description('Start server, runner and web app; print the link that signs the owner in')
  .option('--port <number>', 'port on 127.0.0.1; 0 takes a free one', port, DEFAULT_PORT)
  .option('--data <folder>', 'where everything is kept', DEFAULT_DATA)
  .option('--repo <path>', 'add this repository as a workspace')
  .option('--json', 'print one JSON line when ready: {"url","link","ownerToken"}', false)
  .option('--no-open', 'do not open the browser')
  .option('--no-runner', 'start the server alone; runners connect with `coppice token create --kind runner`')
  .action((options: { port: number; data: string; repo?: string; json: boolean; open: boolean; runner: boolean }) =>
    up({
      port: options.port,
      data: fromHere(options.data),
      repo: options.repo === undefined ? undefined : fromHere(options.repo),
      json: options.json,
      openBrowser: options.open && !options.json,
      withRunner: options.runner,
      startedIn: fromHere('.'),
    }),
  )

program
  .command('build')
  .description('Build the web app, if its sources have changed since the last time (`up` does this by itself)')
  .action(async () => {
    await builtClient((line) => process.stderr.write(`${line}\n`))
  })

program
  .command('link')
  .description('Print a new link that signs the owner in (the running server makes it)')
  .option('--data <folder>', 'data folder of the running server', DEFAULT_DATA)
  .action((options: { data: string }) => printLink(fromHere(options.data)))

const token = program.command('token').description('Access tokens for programs and runners')
token
  .command('create')
  .description('Make a token; it is shown once')
  .requiredOption('--name <name>', 'what it is for')
  .option('--kind <kind>', 'api or runner', 'api')
  .option('--data <folder>', 'data folder of the running server', DEFAULT_DATA)
  .action((options: { name: string; kind: string; data: string }) =>
    createToken(fromHere(options.data), options.name, options.kind),
  )

program
  .command('export')
  .description('Write every log you may read into one file, an event a line')
  .argument('<file>', 'where to write')
  .option('--data <folder>', 'data folder of the running server', DEFAULT_DATA)
  .action((file: string, options: { data: string }) => exportLogs(fromHere(options.data), fromHere(file)))

program
  .command('backup')
  .description('Copy the data of the running server into a new folder, while it runs')
  .argument('<folder>', 'where to; it must not be there yet')
  .option('--data <folder>', 'data folder of the running server', DEFAULT_DATA)
  .action((folder: string, options: { data: string }) => makeBackup(fromHere(options.data), fromHere(folder)))

program
  .command('restore')
  .description('Put a backup in place of a data folder; what was there is kept beside it')
  .argument('<folder>', 'the backup')
  .option('--data <folder>', 'data folder to put it in', DEFAULT_DATA)
  .action((folder: string, options: { data: string }) => restoreBackup(fromHere(folder), fromHere(options.data)))

program
  .command('doctor')
  .description('Examine a data folder, with or without a server on it; say what is wrong and mend what is safe')
  .option('--data <folder>', 'data folder to examine', DEFAULT_DATA)
  .option('--json', 'print what was found as one JSON line', false)
  .option('--mend', 'mend what can be made again without loss; events are never changed', false)
  .action((options: { data: string; json: boolean; mend: boolean }) =>
    doctor({ ...options, data: fromHere(options.data) }),
  )

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof Problem)) throw error
  process.stderr.write(`coppice: ${error.message}\n`)
  process.exitCode = 1
}
