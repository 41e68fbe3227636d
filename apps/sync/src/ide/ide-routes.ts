import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import {
  asSession,
  atLeast,
  idSchema,
  isTerminal,
  newId,
  sessionStream,
  workspaceLog,
  type Refusal,
} from '@coppice/events'
import { ideTokenRequestSchema, queryAnswerSchemas, type QueryRequest } from '@coppice/protocol'
import { Hono, type Context } from 'hono'
import type { Directory } from '../access/directory.ts'
import type { Blobs } from '../blobs/blobs.ts'
import { bodyBytes, refusal, someoneSignedIn, type AskingEnv } from '../http/asking.ts'
import { LIMITS } from '../limits.ts'
import type { Logs } from '../log/logs.ts'
import { serverCommand } from '../log/server-command.ts'
import type { Identify } from '../sign-in/identify.ts'
import { TunnelRefused, type Tunnels } from '../tunnels/tunnels.ts'
import { downloadFrom } from './download-stream.ts'
import type { IdeGrant, IdeTokens } from './ide-tokens.ts'
import { oneLiners } from './one-liners.ts'

export interface IdeParts {
  readonly identify: Identify
  readonly directory: Directory
  readonly tokens: IdeTokens
  readonly tunnels: Tunnels
  readonly blobs: Blobs
  readonly logs: Logs
  /** Asks the runner of a session, in nobody's name. */
  ask(workspaceId: string, request: QueryRequest): Promise<Record<string, unknown>>
}

/** Why nothing of a session can go to an editor or come from one; undefined where it can. */
async function objection(
  { directory, logs }: Pick<IdeParts, 'directory' | 'logs'>,
  { workspaceId, sessionId, userId }: Omit<IdeGrant, 'operation'>,
): Promise<string | undefined> {
  const log = workspaceLog(workspaceId)
  const role = directory.roleIn({ kind: 'user', id: userId, name: '' }, log)
  if (role === undefined || !atLeast(role, 'member')) return 'Only members of the workspace can do this.'
  const held = await (await logs.open(log)).stateOf(sessionStream(sessionId))
  const session = held && asSession(held.state)
  if (!session?.exists) return 'There is no such session.'
  if (session.mode !== 'develop')
    return 'Only develop sessions can go on in an editor: a chat or a bot has no files for it.'
  if (isTerminal(session) || session.ending !== 'none') return 'The session has ended. Restore it first.'
  return session.worktree === 'ready' ? undefined : 'The session has no worktree right now. Try again when it has.'
}

/** `POST /api/ide-tokens`: the commands that a signed-in person pastes into a shell of their own machine (I-21). */
export function ideTokenRoutes(parts: IdeParts): Hono<AskingEnv> {
  const app = new Hono<AskingEnv>()
  app.use('*', someoneSignedIn(parts.identify))
  app.post('/', async (c) => {
    const body = ideTokenRequestSchema.safeParse(await c.req.json().catch(() => undefined))
    const { principal } = c.var
    if (!body.success || ![body.data.sessionId, body.data.workspaceId].every((id) => idSchema.safeParse(id).success))
      return refusal(c, 400, 'invalid', 'Name a workspace, a session, and open or upload.')
    if (principal.kind !== 'user') return refusal(c, 403, 'forbidden', 'A runner token is only for a runner.')
    const grant = { ...body.data, userId: principal.id }
    const problem = await objection(parts, grant)
    if (problem !== undefined) return refusal(c, 403, 'forbidden', problem)
    const { token, expiresAt } = await parts.tokens.mint(grant)
    const address = new URL(c.req.url)
    if (c.req.header('x-forwarded-proto') === 'https') address.protocol = 'https:'
    c.header('Cache-Control', 'no-store')
    return c.json({ ok: true, data: { ...oneLiners(grant.operation, address.origin, token), expiresAt } })
  })
  return app
}

const script = (name: string): string => readFileSync(new URL(`scripts/${name}`, import.meta.url), 'utf8')
const SCRIPTS = ['open.sh', 'upload.sh', 'open.ps1', 'upload.ps1'] as const

/** `/ide`: the scripts, and what they ask for. They show a token and no cookie; their answers are words for a terminal. */
export function ideRoutes(parts: IdeParts): Hono {
  const { tokens } = parts
  const app = new Hono()
  for (const name of SCRIPTS) {
    const text = script(name)
    app.get(`/${name}`, (c) => c.text(text, 200, { 'Cache-Control': 'no-cache' }))
  }

  app.post('/open', (c) =>
    withToken(c, 'open', async (grant) => {
      const target = { kind: 'worktree', sessionId: grant.sessionId } as const
      const tunnel = await parts.tunnels.open(workspaceLog(grant.workspaceId), target)
      const bytes = Readable.toWeb(downloadFrom(tunnel)) as ReadableStream<Uint8Array>
      return c.body(bytes, 200, { 'Content-Type': 'application/zip', 'Cache-Control': 'no-store' })
    }),
  )

  app.post('/upload', (c) =>
    withToken(c, 'upload', async (grant) => {
      // Only now is anything read: who has no token sends nothing into this process.
      const bytes = await bodyBytes(c.req.raw, LIMITS.blobBytes)
      if (bytes === undefined) throw new UploadTooLarge()
      return c.text(await offer(grant, bytes))
    }),
  )

  /** Uses the token for something; where that does not happen, it may be used again. */
  async function withToken(
    c: Context,
    operation: IdeGrant['operation'],
    work: (grant: IdeGrant) => Promise<Response>,
  ): Promise<Response> {
    const token = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
    const grant = await tokens.claim(token, operation)
    if (!grant)
      return c.text(
        'This command was used already, or is older than five minutes. Get a new one from the session in Coppice.',
        403,
      )
    try {
      const problem = await objection(parts, grant)
      if (problem !== undefined) return c.text(`${problem} Nothing was done.`, 403)
      return await work(grant)
    } catch (error) {
      if (error instanceof UploadNotTaken) return c.text(error.message, 422)
      await tokens.giveBack(token)
      if (error instanceof UploadTooLarge)
        return c.text(
          `More than ${LIMITS.blobBytes / 1024 / 1024} MiB are changed: too much for one upload. Commit and push, then pull in Coppice.`,
          413,
        )
      if (error instanceof TunnelRefused) return c.text(`${error.message} The command can be used once more.`, 503)
      throw error
    }
  }

  async function offer({ workspaceId, sessionId, userId }: IdeGrant, bytes: Uint8Array): Promise<string> {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const type = 'application/zip'
    const put = await parts.blobs.put(workspaceId, { sha256, type, now: Date.now() }, pieces(bytes))
    if (put.kind === 'noRoom')
      throw new UploadNotTaken('The workspace has no room for more files. Nothing was applied.')
    const zip = { sha256, size: bytes.length, type, name: 'upload.zip' }
    const answer = queryAnswerSchemas['ide.inspect'].parse(
      await parts.ask(workspaceId, { kind: 'ide.inspect', sessionId, zip }),
    )
    if (!answer.ok) {
      if (answer.code === 'runner_away' || answer.code === 'timeout') throw new TunnelRefused(answer.message)
      throw new UploadNotTaken(answer.message)
    }
    const { ok: _ok, ...changes } = answer
    if (changes.changedCount + changes.deletedCount === 0)
      return 'The session has all of these changes already. There is nothing to confirm.'
    const data = { operationId: newId(), zip, ...changes }
    const address = { log: workspaceLog(workspaceId), stream: sessionStream(sessionId) }
    const refused: Refusal | undefined = await serverCommand(parts.logs, address, 'ide.offer', data, {
      kind: 'user',
      id: userId,
    })
    if (refused) throw new UploadNotTaken(refused.message)
    return `Sent: ${changes.changedCount} changed, ${changes.deletedCount} deleted. Confirm it in the session in Coppice; nothing is applied before.`
  }
  return app
}

/** The zip was refused, for good; the message says why. */
class UploadNotTaken extends Error {}

class UploadTooLarge extends Error {}

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
