import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port.ts'

const START_PATIENCE_MS = 60_000

/** A NATS server on a port of the loopback. */
export interface NatsServer {
  readonly url: string
  start(): Promise<void>
  stop(): Promise<void>
}

/** The program; undefined where it is not installed. */
export function findNats(): string | undefined {
  const folders = ['/usr/sbin', '/usr/local/sbin', ...(process.env['PATH'] ?? '').split(':')]
  return folders.map((folder) => path.join(folder, 'nats-server')).find((file) => fs.existsSync(file))
}

export async function startNats(): Promise<NatsServer> {
  const program = findNats()
  if (program === undefined)
    throw new Error('There is no nats-server on this machine. Install it (Debian: apt-get install nats-server).')
  const port = await freePort()
  let running: ChildProcess | undefined
  const start = async (): Promise<void> => {
    running = spawn(program, ['-a', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
    for (const deadline = Date.now() + START_PATIENCE_MS; !(await answers(port)); await pause(20))
      if (Date.now() > deadline) throw new Error('nats-server did not start')
  }
  const stop = async (): Promise<void> => {
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const gone = once(running, 'exit')
    running.kill('SIGKILL')
    await gone
  }
  await start()
  return { url: `nats://127.0.0.1:${port}`, start, stop }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (answered: boolean) => () => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', end(true))
    socket.once('error', end(false))
  })
}
