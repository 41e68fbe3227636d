import type { RawData, WebSocket } from 'ws'
import { LIMITS } from '../limits.ts'
import { beginTunnel } from '../tunnels/tunnels.ts'

/** How often a full socket is looked at again, milliseconds. */
const DRAIN_CHECK_MS = 20

/**
 * Passes frames between a viewer and a runner as they come. Who does not take what is sent makes the other end wait, through
 * the sockets' own buffers. Of somebody who only looks on nothing is passed.
 */
export function joinSockets(viewer: WebSocket, runner: WebSocket, mayWrite: boolean): void {
  const pass =
    (from: WebSocket, to: WebSocket) =>
    (data: RawData, binary: boolean): void => {
      if (to.readyState !== to.OPEN) return
      to.send(data as Buffer, { binary })
      if (to.bufferedAmount > LIMITS.terminalSocketBytes) waitFor(from, to)
    }
  if (mayWrite) viewer.on('message', pass(viewer, runner))
  runner.on('message', pass(runner, viewer))
  viewer.once('close', () => runner.close())
  runner.once('close', (code, reason) => {
    // Codes from 4000 on are the runner's own words; others are a connection that broke.
    if (code >= 4000) viewer.close(code, reason)
    else viewer.close(1012, 'The runner went away.')
  })
  if (runner.readyState !== runner.OPEN) viewer.close(1012, 'The runner went away.')
  viewer.resume()
  beginTunnel(runner)
}

function waitFor(from: WebSocket, to: WebSocket): void {
  from.pause()
  const timer = setInterval(() => {
    if (to.readyState === to.OPEN && to.bufferedAmount > LIMITS.terminalSocketBytes / 4) return
    clearInterval(timer)
    from.resume()
  }, DRAIN_CHECK_MS)
}
