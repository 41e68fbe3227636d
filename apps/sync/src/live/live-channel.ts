import type { Live, LiveItem } from '@coppice/protocol'
import type { Peer } from '../connection/peer.ts'
import { liveFrames } from './live-frames.ts'
import { LiveRoom } from './live-room.ts'
import { Numbers } from './numbers.ts'

interface Room {
  readonly log: string
  readonly session: string
  readonly state: LiveRoom
  /** Those who look; true while one is behind and will get the whole state when its socket has drained. */
  readonly watchers: Map<Peer, boolean>
}

/** Passes on what runners tell of sessions as it happens, to those who look. Nothing of it is stored (EV-9). */
export class LiveChannel {
  readonly #rooms = new Map<string, Room>()
  readonly #numbers = new Numbers()
  readonly #wanted: (log: string, session: string) => void

  /** @param wanted asks other servers what they know of a session that somebody has begun to look at here. */
  constructor(wanted: (log: string, session: string) => void) {
    this.#wanted = wanted
  }

  /** Sends a peer the state of a session and everything that follows. */
  watch(peer: Peer, log: string, session: string): void {
    const room = this.#room(log, session)
    room.watchers.set(peer, false)
    this.#sendState(peer, room)
    if (room.state.empty) this.#wanted(log, session)
  }

  /** All that is known of a session here; undefined when nothing is. */
  known(log: string, session: string): LiveItem[] | undefined {
    const state = this.#rooms.get(keyOf(log, session))?.state
    return state === undefined || state.empty ? undefined : state.state()
  }

  /** Another server's whole knowledge of a session, in place of ours. */
  replace(log: string, session: string, items: readonly LiveItem[]): void {
    const room = this.#room(log, session)
    room.state.clear()
    room.state.take(items)
    for (const peer of room.watchers.keys()) this.#sendState(peer, room)
    this.#drop(room)
  }

  unwatch(peer: Peer, log: string, session: string): void {
    const room = this.#rooms.get(keyOf(log, session))
    room?.watchers.delete(peer)
    this.#drop(room)
  }

  /** Sends the whole state again, after a gap. */
  resend(peer: Peer, log: string, session: string): void {
    const room = this.#rooms.get(keyOf(log, session))
    if (room) this.#sendState(peer, room)
    else if (!peer.congested) peer.send(stateMessage({ log, session, state: new LiveRoom() }))
  }

  relay(live: Pick<Live, 'log' | 'session' | 'items'>): void {
    const room = this.#room(live.log, live.session)
    if (room.watchers.size === 0) room.state.take(live.items)
    else this.#tell(room, live.items)
    this.#drop(room)
  }

  #tell(room: Room, items: readonly LiveItem[]): void {
    const frames = liveFrames(room, items)
    for (const [peer, behind] of room.watchers) {
      if (behind) continue
      if (peer.congested) void this.#fallBehind(peer, room)
      else if (peer.version < 2) peer.sendFrame(frames.long)
      else for (const frame of frames.short) peer.sendFrame(frame)
    }
  }

  /** The runner of a workspace began anew: what was happening is no longer. */
  forget(log: string): void {
    for (const room of this.#rooms.values()) {
      if (room.log !== log) continue
      room.state.clear()
      for (const peer of room.watchers.keys()) this.#sendState(peer, room)
      this.#drop(room)
    }
  }

  /** A slow watcher gets one whole state later instead of every step now: what waits for it is at most one state. */
  async #fallBehind(peer: Peer, { log, session, watchers }: Room): Promise<void> {
    if (watchers.get(peer) === true) return
    watchers.set(peer, true)
    await peer.drained()
    const now = this.#rooms.get(keyOf(log, session))
    if (!peer.open || now?.watchers.get(peer) !== true) return
    now.watchers.set(peer, false)
    this.#sendState(peer, now)
  }

  #sendState(peer: Peer, room: Room): void {
    if (peer.congested && room.watchers.has(peer)) void this.#fallBehind(peer, room)
    else if (!peer.congested) peer.send(stateMessage(room))
  }

  #room(log: string, session: string): Room {
    const key = keyOf(log, session)
    const room = this.#rooms.get(key) ?? { log, session, state: new LiveRoom(this.#numbers), watchers: new Map() }
    this.#rooms.set(key, room)
    return room
  }

  #drop(room: Room | undefined): void {
    if (room && room.watchers.size === 0 && room.state.empty) this.#rooms.delete(keyOf(room.log, room.session))
  }
}

const keyOf = (log: string, session: string): string => `${log} ${session}`

function stateMessage({ log, session, state }: Pick<Room, 'log' | 'session' | 'state'>): Live {
  const items = state.state()
  return { t: 'live', log, session, items, state: true, numbers: state.numbers(items) }
}
