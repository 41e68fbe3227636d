import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { INSTANCE_LOG, INSTANCE_STREAM, newId, runnerStream } from '@coppice/events'
import { serverCommand } from './log/server-command.ts'
import type { Logs } from './log/logs.ts'
import type { Settings } from './settings.ts'
import { z } from 'zod'
import { writePrivateFile } from './private-file.ts'
import type { AccessTokens, NewToken } from './sign-in/access-tokens.ts'
import type { SignIn } from './sign-in/sign-in.ts'

/** What whoever started the server gets, once, over a pipe: never in a log. */
export interface StartAccess {
  /** The path of a one-time link that signs the owner in. */
  readonly joinPath: string
  /** Acts as the owner. */
  readonly ownerToken: string
  /** For the runner that is started along with the server. */
  readonly runnerToken: string
  readonly runnerId: string
}

/** The tokens of the command line and of the runner on this machine. They stay the same, so that neither notices a restart. */
const KEPT_IN = 'local-tokens.json'
const keptShape = z.object({ ownerToken: z.string(), runnerToken: z.string(), runnerId: z.string().optional() })

/**
 * Makes sure that there is an owner and a runner of the server's own, and that both have a token. The owner is a
 * user from the start, so that scripts can act before anybody has opened the link.
 */
export async function grantStartAccess(of: {
  signIn: Pick<SignIn, 'createPerson' | 'createLink'>
  tokens: AccessTokens
  settings: Settings
  logs: Logs
  dataFolder: string
  /** Other servers may use the same store: this one's runner is its own. */
  shared: boolean
}): Promise<StartAccess> {
  const { signIn, tokens, settings, logs } = of
  const ownerId = (await settings.get('owner_id')) ?? (await signIn.createPerson(ownersName())).id
  // The event before the setting: after a crash in between there is a nameless user more, never an owner without rights.
  await serverCommand(logs, { log: INSTANCE_LOG, stream: INSTANCE_STREAM }, 'user.join', {
    userId: ownerId,
    name: ownersName(),
    role: 'owner',
  })
  await settings.set('owner_id', ownerId)

  const file = path.join(of.dataFolder, KEPT_IN)
  const kept = keptTokens(file)
  const runnerId = kept?.runnerId ?? (of.shared ? newId() : ((await settings.get('local_runner_id')) ?? newId()))
  if (!of.shared) await settings.set('local_runner_id', runnerId)
  await serverCommand(logs, { log: INSTANCE_LOG, stream: runnerStream(runnerId) }, 'runner.register', {
    runnerId,
    name: os.hostname() || 'This machine',
  })

  const ownerToken = await workingToken(tokens, kept?.ownerToken, {
    kind: 'api',
    userId: ownerId,
    name: 'Command line on the server',
  })
  const runnerToken = await workingToken(tokens, kept?.runnerToken, {
    kind: 'runner',
    userId: ownerId,
    runnerId,
    name: 'Runner on the server',
  })
  if (ownerToken !== kept?.ownerToken || runnerToken !== kept.runnerToken || runnerId !== kept.runnerId)
    writePrivateFile(file, `${JSON.stringify({ ownerToken, runnerToken, runnerId })}\n`)
  const kind = (await settings.get('owner_signed_in')) === undefined ? 'owner' : 'device'
  const joinPath = `/join/${await signIn.createLink({ kind, userId: ownerId })}`
  return { joinPath, ownerToken, runnerToken, runnerId }
}

/** The tokens that the last start left; undefined when there are none, or the file is not what it was. */
function keptTokens(file: string): z.infer<typeof keptShape> | undefined {
  if (!fs.existsSync(file)) return undefined
  const parsed = keptShape.safeParse(parseJson(fs.readFileSync(file, 'utf8')))
  return parsed.success ? parsed.data : undefined
}

/** The kept token if it still works (its owner may have revoked it), else a new one. */
async function workingToken(tokens: AccessTokens, kept: string | undefined, fresh: NewToken): Promise<string> {
  const found = kept === undefined ? undefined : await tokens.find(kept)
  // One for another runner is of no use: the file was made before runners were written into it.
  if (kept !== undefined && found !== undefined && found.runnerId === fresh.runnerId) return kept
  return (await tokens.create(fresh)).token
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The preset for the first page: how the machine calls the one who started the server. */
function ownersName(): string {
  const name = process.env['USER'] ?? process.env['LOGNAME'] ?? ''
  return name === '' || name === 'root' ? 'Owner' : name.slice(0, 80)
}
