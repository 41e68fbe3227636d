import type { ContentBlock } from '@agentclientprotocol/sdk/unstable'
import type { UserPart } from '../conversation.ts'
import { LIMITS } from '../limits.ts'

/** What a prompt of the protocol says to the model. */
export function promptParts(blocks: readonly ContentBlock[]): UserPart[] {
  return blocks.flatMap((block): UserPart[] => {
    switch (block.type) {
      case 'text':
        return block.text === '' ? [] : [{ kind: 'text', text: block.text }]
      case 'image':
        return block.data.length * 0.75 <= LIMITS.pictureBytes
          ? [{ kind: 'image', mediaType: block.mimeType, data: block.data }]
          : [{ kind: 'text', text: '(A picture was attached that is too large for the model.)' }]
      case 'resource_link':
        return [{ kind: 'text', text: `(Attached: ${block.name}, ${block.uri})` }]
      case 'resource':
        return 'text' in block.resource
          ? [{ kind: 'text', text: `<attached uri="${block.resource.uri}">\n${block.resource.text}\n</attached>` }]
          : [{ kind: 'text', text: `(Attached: ${block.resource.uri})` }]
      default:
        return [
          { kind: 'text', text: `(Something of the kind "${block.type}" was attached, which this agent cannot read.)` },
        ]
    }
  })
}
