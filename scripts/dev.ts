/** `pnpm dev`: server and runner that start again when their sources change, the web app served by Vite with hot reload. */
import { spawn, type ChildProcess } from 'node:child_process'

const children: ChildProcess[] = []
const start = (command: string, args: readonly string[], cwd = '.'): void => {
  const child = spawn(command, args, { cwd, stdio: 'inherit' })
  children.push(child)
  child.once('exit', stopAll)
}
function stopAll(): void {
  for (const child of children) if (child.exitCode === null) child.kill('SIGTERM')
}
process.once('SIGINT', stopAll)
process.once('SIGTERM', stopAll)

const args = process.argv.slice(2)
start('node', [
  '--watch-path=apps/sync/src',
  '--watch-path=apps/runner/src',
  '--watch-path=packages',
  '--watch-preserve-output',
  'apps/terminal/src/coppice.ts',
  'up',
  '--data',
  '.coppice/dev',
  ...args,
])
start('npx', ['vite', '--host', '127.0.0.1'], 'apps/client')
