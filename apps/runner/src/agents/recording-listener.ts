import type { AgentListener, Happening, PermissionAnswer, PermissionRequest, ToolCall } from './happenings.ts'

/** A listener for tests: keeps what happened, and answers permissions as told. */
export class RecordingListener implements AgentListener {
  readonly happenings: Happening[] = []
  readonly asked: PermissionRequest[] = []
  readonly #answer: (request: PermissionRequest) => Promise<PermissionAnswer>

  constructor(answer: (request: PermissionRequest) => Promise<PermissionAnswer> = () => Promise.resolve('allow')) {
    this.#answer = answer
  }

  happened(happening: Happening): void {
    this.happenings.push(happening)
  }

  permission(request: PermissionRequest): Promise<PermissionAnswer> {
    this.asked.push(request)
    return this.#answer(request)
  }

  text(channel: 'agent' | 'thinking' = 'agent'): string {
    return this.happenings.map((one) => (one.kind === 'text' && one.channel === channel ? one.text : '')).join('')
  }

  /** The last state of each tool call, in the order they began. */
  calls(): ToolCall[] {
    const calls = new Map<string, ToolCall>()
    for (const one of this.happenings) if (one.kind === 'tool') calls.set(one.call.callId, one.call)
    return [...calls.values()]
  }
}
