/**
 * Coppice Code: an agent that speaks the Agent Client Protocol (v1) on standard input and output. See docs/coppice-code.md.
 *
 *   node apps/agent/src/main.ts            serves one driver
 *   node apps/agent/src/main.ts --models   prints what it could work with, as one line of JSON, and ends
 *
 * COPPICE_AGENT_DATA names the folder for its transcripts; keys come from the usual variables (endpoints.ts).
 */
import os from 'node:os'
import path from 'node:path'
import { Readable, Writable } from 'node:stream'
import { agent, methods, ndJsonStream, PROTOCOL_VERSION, RequestError } from '@agentclientprotocol/sdk/unstable'
import { z } from 'zod'
import { endpointsOf } from './model/endpoints.ts'
import { ModelFailure } from './model/failure.ts'
import { configOptions, modeState } from './protocol/config-options.ts'
import { asRequestError, House, noKey } from './protocol/house.ts'
import { promptParts } from './protocol/prompt-parts.ts'
import { replayed } from './protocol/replay.ts'
import { forgetOld } from './session/forget-old.ts'
import { modeOf } from './session/modes.ts'
import type { Session } from './session/session.ts'

const version = '0.1.0'
const data = process.env['COPPICE_AGENT_DATA'] ?? path.join(os.homedir(), '.coppice', 'coppice-code')
// Standard output belongs to the protocol.
console.log = console.info = console.warn = console.error
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

const house = new House(process.env, data)

if (process.argv.includes('--models')) {
  const { models, problems } = await house.catalog()
  const found = {
    version,
    models: models.map(({ id, name }) => ({ id, name })),
    problems: Object.keys(endpointsOf(process.env)).length === 0 ? [noKey] : problems,
  }
  process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0))
} else await serve()

async function chosen(session: Session) {
  const { models } = await house.catalog()
  return { configOptions: configOptions(session.model, session.mode, models), modes: modeState(session.mode) }
}

function tellCommands(session: Session): void {
  session.view.update({
    sessionUpdate: 'available_commands_update',
    availableCommands: [{ name: 'compact', description: 'Summarise the conversation to make room' }],
  })
}

function setMode(session: Session, id: string): void {
  const mode = modeOf(id)
  if (!mode) throw RequestError.invalidParams({ details: `There is no mode "${id}".` })
  session.mode = mode
}

async function serve(): Promise<void> {
  const app = agent({ name: 'coppice-code' })
    .onRequest(methods.agent.initialize, ({ params }) => {
      house.greeted(params.clientCapabilities)
      return {
        protocolVersion: PROTOCOL_VERSION,
        agentInfo: { name: 'coppice-code', title: 'Coppice Code', version },
        agentCapabilities: {
          loadSession: true,
          promptCapabilities: { image: true, embeddedContext: true },
          mcpCapabilities: { http: true, sse: true },
          sessionCapabilities: { resume: {}, fork: {}, close: {}, systemPrompt: {} },
        },
        authMethods: [],
        _meta: { steering: { supported: true } },
      }
    })
    .onRequest(methods.agent.session.new, async ({ params, client }) => {
      const session = await house.begin(client, params)
      setImmediate(() => tellCommands(session))
      return { sessionId: session.view.sessionId, ...(await chosen(session)) }
    })
    .onRequest(methods.agent.session.resume, async ({ params, client }) =>
      chosen(await house.resume(client, params.sessionId, params)),
    )
    .onRequest(methods.agent.session.load, async ({ params, client }) => {
      const session = await house.resume(client, params.sessionId, params)
      for (const update of replayed(session.log.whole)) session.view.update(update)
      await session.view.told()
      return chosen(session)
    })
    .onRequest(methods.agent.session.fork, async ({ params, client }) => {
      const session = await house.fork(client, params.sessionId, params)
      return { sessionId: session.view.sessionId, ...(await chosen(session)) }
    })
    .onRequest(methods.agent.session.close, ({ params }) => house.close(params.sessionId))
    .onRequest(methods.agent.session.setMode, ({ params }) => {
      setMode(house.session(params.sessionId), params.modeId)
      return {}
    })
    .onRequest(methods.agent.session.setConfigOption, async ({ params }) => {
      const session = house.session(params.sessionId)
      const value = String(params.value)
      if (params.configId === 'mode') setMode(session, value)
      else if (params.configId === 'model') {
        session.model = await house.model(value)
        await session.log.setModel(session.model.id)
      } else throw RequestError.invalidParams({ details: `There is no option "${params.configId}".` })
      return { configOptions: (await chosen(session)).configOptions }
    })
    .onRequest(methods.agent.session.prompt, async ({ params }) => {
      const session = house.session(params.sessionId)
      if (session.busy) throw RequestError.invalidParams({ details: 'A turn is running already. Steer it, or wait.' })
      const parts = promptParts(params.prompt)
      if (parts.length === 0) throw RequestError.invalidParams({ details: 'The prompt is empty.' })
      return session.prompt(parts).catch((error: unknown) => {
        throw error instanceof ModelFailure ? asRequestError(error) : error
      })
    })
    .onRequest('_session/steering', z.object({ sessionId: z.string(), prompt: z.array(z.unknown()) }), ({ params }) => {
      const session = house.session(params.sessionId)
      const parts = promptParts(params.prompt as Parameters<typeof promptParts>[0])
      return session.steer(parts) ? { outcome: 'injected' } : { outcome: 'promptRequired', reason: 'noRunningTurn' }
    })
    .onNotification(methods.agent.session.cancel, ({ params }) => house.session(params.sessionId).cancel())

  const stop = (): void => {
    house.stop()
    // Long enough for the commands' groups to get their signals.
    setTimeout(() => process.exit(0), 200)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // What cannot be removed now can be at the next start.
  forgetOld(data, Date.now()).catch((error: unknown) =>
    console.error(`Old sessions could not be removed: ${String(error)}`),
  )
  const connection = app.connect(
    ndJsonStream(
      Writable.toWeb(process.stdout) as WritableStream<Uint8Array>,
      Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
    ),
  )
  await connection.closed
  stop()
}
