import { readFile } from 'node:fs/promises'
import type { ContentBlock, PromptCapabilities } from '@agentclientprotocol/sdk/unstable'
import { shownImageTypes } from '@coppice/events'

/** A file that goes with a prompt. */
export type PromptFile = {
  readonly path: string
  readonly name: string
  /** Media type, as its sender had it. */
  readonly type: string
  /** Bytes. */
  readonly size: number
}

/** A picture larger than this is only named: models refuse it. Bytes. */
const mostPicture = 5 * 1024 * 1024

/**
 * A prompt as blocks of the Agent Client Protocol: the text, where the files lie, and pictures themselves where the
 * agent says that it takes them.
 */
export async function promptBlocks(
  text: string,
  files: readonly PromptFile[],
  capabilities: PromptCapabilities | null | undefined,
): Promise<ContentBlock[]> {
  const blocks: ContentBlock[] = [{ type: 'text', text }]
  if (files.length === 0) return blocks
  const list = files.map(
    ({ name, type, size, path }) => `- ${name} (${type || 'unknown type'}, ${size} bytes): ${path}`,
  )
  blocks.push({ type: 'text', text: `Attached files:\n${list.join('\n')}` })
  for (const { path, type, size } of files) {
    if (capabilities?.image !== true || !shownImageTypes.includes(type) || size > mostPicture) continue
    blocks.push({ type: 'image', mimeType: type, data: await readFile(path, 'base64') })
  }
  return blocks
}
