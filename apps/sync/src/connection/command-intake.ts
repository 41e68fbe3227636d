import { idIn, refuse, runnersOf, type Command, type LogId, type Refusal } from '@coppice/events'
import type { WebSocket } from 'ws'
import { LIMITS } from '../limits.ts'
import type { Outcome } from '../log/receipt.ts'
import type { Principal } from '../principal.ts'
import { BlobCheck } from './blob-check.ts'
import type { Peer } from './peer.ts'
import type { SyncRoom } from './sync-room.ts'

interface InFlight {
  readonly log: LogId
  readonly deciding: Promise<unknown>
}

/** Takes a connection's commands to the writers of their logs, and their receipts back. */
export class CommandIntake {
  readonly #socket: WebSocket
  readonly #peer: Peer
  readonly #principal: Principal
  readonly #room: SyncRoom
  readonly #failed: (error: unknown) => void
  /** Commands that are not answered yet, by id. */
  readonly #inFlight = new Map<string, InFlight>()
  readonly #blobs: BlobCheck
  #paused = false

  constructor(of: {
    socket: WebSocket
    peer: Peer
    principal: Principal
    room: SyncRoom
    failed: (error: unknown) => void
  }) {
    this.#socket = of.socket
    this.#peer = of.peer
    this.#principal = of.principal
    this.#room = of.room
    this.#failed = of.failed
    this.#blobs = new BlobCheck((workspaceId, sha256) => of.room.hasBlob(workspaceId, sha256))
  }

  push(commands: readonly Command[]): void {
    for (const command of commands) {
      const came = performance.now()
      const deciding = this.#decide(command)
      this.#inFlight.set(command.id, { log: command.log, deciding })
      deciding
        .then((result) => this.#answer(command, result, performance.now() - came))
        .catch(this.#failed)
        .finally(() => this.#answered(command, deciding))
    }
    // Not an error: whoever pushes faster than the disk simply waits.
    if (this.#inFlight.size > LIMITS.commandsInFlight && !this.#paused) {
      this.#paused = true
      this.#socket.pause()
    }
  }

  #answer({ id, type, log, stream, correlationId }: Command, result: Outcome, ms: number): void {
    this.#room.metrics.answered(type, result.kind)
    this.#room.journal('info', {
      what: 'command',
      correlationId,
      commandId: id,
      type,
      log,
      stream,
      by: this.#principal.id,
      outcome: result.kind,
      ms: Math.round(ms * 10) / 10,
      ...(result.kind === 'refused' && { code: result.refusal.code }),
    })
    this.#peer.send({ t: 'receipt', commandId: id, log, result })
  }

  async #decide(command: Command): Promise<Outcome> {
    const refusal = this.#mayWrite(command)
    if (refusal) return { kind: 'refused', refusal }
    // Within a log the order decides; what was built on in another log must be answered first.
    const elsewhere = (command.dependsOn ?? []).flatMap((id) => {
      const one = this.#inFlight.get(id)
      return one && one.log !== command.log ? [one.deciding] : []
    })
    if (elsewhere.length > 0) await Promise.allSettled(elsewhere)
    const missing = (await this.#blobs.look(command)) ?? (await this.#leaseRuns(command))
    if (missing) return { kind: 'refused', refusal: missing }
    const writer = await this.#room.logs.open(command.log)
    return writer.submit(command, this.#principal)
  }

  /** A session is taken over only from a runner that has been silent for the whole length of a lease. */
  async #leaseRuns({ type, log, stream }: Command): Promise<Refusal | undefined> {
    if (type !== 'session.takeOver' || this.#principal.kind !== 'runner') return undefined
    const holder = await this.#room.holderOf(log, stream)
    // One that was taken out of the workspace is told to let go, and can tell nothing of it any more.
    const serving = this.#room.directory.workspace(idIn(log))
    if (holder === undefined || !serving || !runnersOf(serving).includes(holder)) return undefined
    // It may have greeted another server, and the bus may have lost that: the store has it.
    if (this.#room.store.shared)
      for (const { epoch } of await this.#room.store.epochsOf([holder])) this.#room.silentRunners.greeted(holder, epoch)
    const left = this.#room.leaseLeft(holder)
    if (left === 0) return undefined
    return refuse('fenced', `The runner that has the session may still be there: its lease has ${left} ms to run.`)
  }

  /** Strangers leave no receipts in a log; all else is for the log's writer to judge. */
  #mayWrite({ log, type }: Command): Refusal | undefined {
    if (this.#room.directory.mayRead(this.#principal, log)) return undefined
    const mayBegin = this.#room.directory.mayBegin(this.#principal, log) && !this.#room.directory.isWorkspace(log)
    // The first commands in a new workspace come along with the one that makes it.
    const begins = type === 'workspace.create' || [...this.#inFlight.values()].some((one) => one.log === log)
    if (mayBegin && begins) return undefined
    return type === 'workspace.create'
      ? refuse('forbidden', 'Only a member of this server can add a workspace. Nothing was changed.')
      : refuse('unknown_log', `There is no log ${log} that you may write to.`)
  }

  #answered(command: Command, deciding: Promise<unknown>): void {
    if (this.#inFlight.get(command.id)?.deciding === deciding) this.#inFlight.delete(command.id)
    if (this.#paused && this.#inFlight.size < LIMITS.commandsInFlight / 2) {
      this.#paused = false
      this.#socket.resume()
    }
  }
}
