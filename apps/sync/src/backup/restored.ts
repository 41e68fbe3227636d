import fs from 'node:fs'
import path from 'node:path'
import { randomUUID } from 'node:crypto'
import { hashText, LOG_STREAM, type LogId } from '@coppice/events'
import { serverCommand } from '../log/server-command.ts'
import type { Logs } from '../log/logs.ts'
import { LogTree } from '../proof/log-tree.ts'
import { TileTable, type Tiles } from '../proof/tiles.ts'
import type { RunningStore } from '../store/running-store.ts'
import { BACKUP_FILE } from './backup-file.ts'

/** Where each log stood when its new epoch began. */
export interface Restored {
  readonly log: LogId
  readonly fromEpoch: string
  readonly size: number
  readonly root: string
}

/** Whether the data folder was put in place from a backup since the server last ran on it. */
export const isRestored = (dataFolder: string): boolean => fs.existsSync(path.join(dataFolder, BACKUP_FILE))

/**
 * Begins a new epoch of every log, before the logs are opened: clients that have read further than the backup must not
 * take what comes next for the continuation of what they have (LF-8).
 */
export async function beginEpochs(
  store: RunningStore,
  tilesOf = (no: number): Tiles => new TileTable(store, no),
): Promise<readonly Restored[]> {
  const restored: Restored[] = []
  for (const { id } of await store.heads()) {
    const { no, head, epoch } = await store.openLog(id)
    const root = hashText(await new LogTree(store, tilesOf(no), { no, head }).rootAt(head))
    await store.query('update logs set epoch = $2 where no = $1', [no, randomUUID()])
    restored.push({ log: id as LogId, fromEpoch: epoch, size: head, root })
  }
  return restored
}

/** Writes into every log that it was restored, and from where. */
export async function noteRestore(logs: Logs, restored: readonly Restored[]): Promise<void> {
  for (const { log, ...data } of restored) {
    const refusal = await serverCommand(logs, { log, stream: LOG_STREAM }, 'log.noteRestore', data)
    if (refusal) throw new Error(`Log ${log} could not say that it was restored: ${refusal.message}`)
  }
}

/** All logs have said so: the folder is an ordinary one again. */
export const endRestore = (dataFolder: string): void => fs.rmSync(path.join(dataFolder, BACKUP_FILE), { force: true })
