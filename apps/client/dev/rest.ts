import type { StandInServer } from './stand-in-server.ts'

const GIB = 1_024 ** 3

/** Answers what the screens ask over HTTP while they open; everything else goes where it went. */
export function answerRest(server: StandInServer): void {
  const real = globalThis.fetch
  globalThis.fetch = (input, init) => {
    if (input !== '/api/runners') return real(input, init)
    const figures = {
      load: 0.42,
      diskFree: 182 * GIB,
      memoryFree: 11.4 * GIB,
      memoryTotal: 31.2 * GIB,
      working: 3,
      waiting: 1,
      most: 4,
      stale: 1,
      shortOf: '',
    }
    const runners = server.runners.map((runnerId) => ({ runnerId, online: true, lastContact: Date.now(), figures }))
    const data = { runners, server: { store: { kind: 'pglite', answeredMs: 0.8 }, lagMs: 0.1 } }
    return Promise.resolve(Response.json({ ok: true, data }))
  }
}
