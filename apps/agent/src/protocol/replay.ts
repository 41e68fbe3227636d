import type { SessionUpdate } from '@agentclientprotocol/sdk/unstable'
import type { Message } from '../conversation.ts'

/** A conversation as the updates that tell it again to a driver that has lost it. */
export function replayed(messages: readonly Message[]): SessionUpdate[] {
  return messages.flatMap((message): SessionUpdate[] => {
    switch (message.role) {
      case 'user':
        return message.parts.map((part) => ({
          sessionUpdate: 'user_message_chunk',
          content: { type: 'text', text: part.kind === 'text' ? part.text : '(a picture)' },
        }))
      case 'assistant':
        return message.parts.flatMap((part): SessionUpdate[] => {
          if (part.kind === 'text')
            return [{ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: part.text } }]
          if (part.kind === 'thinking')
            return [{ sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text: part.text } }]
          return [{ sessionUpdate: 'tool_call', toolCallId: part.callId, title: part.tool, rawInput: part.input }]
        })
      case 'tool':
        return message.answers.map((answer) => ({
          sessionUpdate: 'tool_call_update',
          toolCallId: answer.callId,
          status: answer.failed ? 'failed' : 'completed',
          content: [{ type: 'content', content: { type: 'text', text: answer.text } }],
        }))
    }
  })
}
