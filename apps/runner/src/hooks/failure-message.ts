import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { stripVTControlCharacters } from 'node:util'
import { idIn } from '@coppice/events'
import type { CommandData, HookEvent, WorkspaceHook } from '@coppice/events'
import { derivedId } from '../derived-id.ts'
import { outputPath } from '../processes/output-file.ts'
import type { Address, RunnerContext } from '../runner-context.ts'

/** What "Truncated" carries, the end of the output, characters. */
const TRUNCATED = 4_000
/** What "Full" carries in the message itself, and in all, bytes; the rest is in Hook Logs. */
const INLINE = 32 * 1024
const FULL = 256 * 1024

/** A failed run with what its message is made of. */
export interface FailedRun {
  readonly runId: string
  readonly hook: WorkspaceHook
  /** What ran, secrets taken out. */
  readonly command: string
  /** How it ended, in words. */
  readonly how: string
  /** Its output's file on this runner, by id. */
  readonly outputId: string
}

export type FailureMessage = CommandData<'hooks.report'>['messages'][number]

/** In words for people and agents. */
export const eventWords: Readonly<Record<HookEvent, string>> = {
  init: 'On Init',
  start: 'On Start',
  agent_finish: 'On Agent Finish',
  done: 'On Done',
  cancel: 'On Cancel',
}

/** The message that tells of a failed hook (M-12, H-15 to H-18); undefined where its setting wants none. */
export async function failureMessage(
  context: Pick<RunnerContext, 'dataFolder' | 'storeBlob' | 'say'>,
  address: Address,
  { runId, hook, command, how, outputId }: FailedRun,
): Promise<FailureMessage | undefined> {
  if (hook.report === 'none') return undefined
  const head = `The hook "${hook.name}" (${eventWords[hook.event]}) failed. ${how}`
  const what = command === '' ? '' : `\n\n${fenced(`$ ${command.trim().slice(0, TRUNCATED)}`)}`
  const message = { messageId: derivedId(runId, 'message'), hook: { runId, name: hook.name } }
  if (hook.report === 'command') return { ...message, text: head + what }
  const { text, bytes } = await endOf(outputPath(context.dataFolder, outputId), FULL)
  if (text.trim() === '') return { ...message, text: `${head}${what}\n\nIt printed nothing.` }
  if (hook.report === 'truncated' || text.length <= TRUNCATED)
    return { ...message, text: `${head}${what}\n\n${cutTo(text, TRUNCATED, bytes)}` }
  if (Buffer.byteLength(text) <= INLINE) return { ...message, text: `${head}${what}\n\n${fenced(text)}` }
  const whole = Buffer.from(text)
  const sha256 = createHash('sha256').update(whole).digest('hex')
  const name = `${hook.name.replace(/[^\w.-]+/g, '-').slice(0, 60) || 'hook'}-output.txt`
  const short = cutTo(text, TRUNCATED, bytes)
  try {
    await context.storeBlob(idIn(address.log), sha256, whole, 'text/plain')
  } catch (error) {
    context.say(
      `The output of hook ${hook.name} is not attached: ${error instanceof Error ? error.message : String(error)}`,
    )
    return { ...message, text: `${head}${what}\n\n${short}` }
  }
  const rest = bytes > FULL ? ' Its beginning is in Hook Logs only.' : ''
  return {
    ...message,
    text: `${head}${what}\n\n${short}\n\nThe attached file has more of it.${rest}`,
    attachments: [{ sha256, size: whole.length, type: 'text/plain', name }],
  }
}

function cutTo(text: string, most: number, bytes: number): string {
  if (text.length <= most) return fenced(text)
  return `The last ${most.toLocaleString('en')} characters of ${bytes.toLocaleString('en')} bytes:\n\n${fenced(text.slice(-most))}`
}

/** A fence that the text itself does not close. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${text.replace(/\n+$/, '')}\n${fence}`
}

/** The end of a file as plain text, at most so many bytes of it, and how long all of it is. */
async function endOf(path: string, most: number): Promise<{ text: string; bytes: number }> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    // It was never begun.
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!file) return { text: '', bytes: 0 }
  try {
    const { size } = await file.stat()
    const buffer = Buffer.alloc(Math.min(size, most))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length)
    const text = buffer.subarray(0, bytesRead).toString('utf8')
    return { text: stripVTControlCharacters(text).replaceAll('\r\n', '\n'), bytes: size }
  } finally {
    await file.close()
  }
}
