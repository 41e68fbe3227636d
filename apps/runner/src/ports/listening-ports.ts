import { readdir, readFile, readlink } from 'node:fs/promises'
import { processesMarked } from '../agents/process-sweep.ts'

/** A port that a process of a session listens on. */
export type ListeningPort = { readonly port: number; readonly host: '127.0.0.1' | '::1'; readonly process: string }

const LISTENS = '0A'
const ANY4 = '00000000'
const ANY6 = '0'.repeat(32)
const LOOP4 = '0100007F'
const LOOP6 = '00000000000000000000000001000000'

/** Sockets that listen for connections of this machine, by inode; of any family. */
async function listening(): Promise<ReadonlyMap<string, Omit<ListeningPort, 'process'>>> {
  const found = new Map<string, Omit<ListeningPort, 'process'>>()
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await readFile(file, 'latin1').catch(gone)
    for (const line of (text ?? '').split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      const [address = '', port = ''] = local.split(':')
      if (state !== LISTENS) continue
      const on4 = address === ANY4 || address === LOOP4 || address === ANY6
      if (on4) found.set(inode, { port: Number.parseInt(port, 16), host: '127.0.0.1' })
      else if (address === LOOP6) found.set(inode, { port: Number.parseInt(port, 16), host: '::1' })
    }
  }
  return found
}

/**
 * The ports that processes of a session listen on, by the mark in their environment (TR-7). Only Linux can say; elsewhere none.
 * @param marker name and value of the mark
 */
export async function listeningPorts(marker: readonly [name: string, value: string]): Promise<ListeningPort[]> {
  const [pids, sockets] = await Promise.all([processesMarked(...marker), listening()])
  const found = new Map<number, ListeningPort>()
  for (const pid of pids) {
    for (const fd of (await readdir(`/proc/${pid}/fd`).catch(gone)) ?? []) {
      const link = await readlink(`/proc/${pid}/fd/${fd}`).catch(gone)
      const socket = sockets.get(/^socket:\[(\d+)\]$/.exec(link ?? '')?.[1] ?? '')
      if (!socket || found.has(socket.port)) continue
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(gone)
      found.set(socket.port, { ...socket, process: (name ?? '').trim() })
    }
  }
  return [...found.values()].toSorted((a, b) => a.port - b.port)
}

/** A process that ended meanwhile, or belongs to someone else, listens to nothing of ours. */
function gone(): undefined {
  return undefined
}
