import { attachedTo, type Attachment, type HookEvent, type RecordedEvent } from '@coppice/events'
import { AnswerTexts } from './answer-texts.ts'
import type { Cause } from '../runner-context.ts'

/** The events of one session that a reaction may refer to: what was asked, and by which click. Bounded like the state. */
export class Causes {
  #created: Cause | undefined
  #latest: Cause | undefined
  #turn: Cause | undefined
  #ending: Cause | undefined
  #restoring: Cause | undefined
  #rewinding: Cause | undefined
  #prepared: Cause | undefined
  #turnEnded: Cause | undefined
  #hooks: Cause | undefined
  readonly #operations = new Map<string, Cause>()
  readonly #processes = new Map<string, Cause>()
  /** The texts of messages that wait: a delivered one is no longer in the session's state. */
  readonly texts = new Map<string, string>()
  /** Their files. */
  readonly files = new Map<string, readonly Attachment[]>()
  readonly answers = new AnswerTexts()
  /** When the session ended, by the server's clock. */
  endedAt = 0

  /** Takes note of an event, in the order of the log. */
  note(event: RecordedEvent): void {
    const cause: Cause = { id: event.id, correlationId: event.correlationId }
    const { data } = event
    this.#latest = cause
    this.answers.note(event)
    switch (event.type) {
      case 'session.created':
        this.#created = cause
        break
      case 'message.queued':
        this.files.set(String(data['messageId']), attachedTo(event))
        this.texts.set(String(data['messageId']), String(data['text']))
        break
      case 'message.edited':
        this.texts.set(String(data['messageId']), String(data['text']))
        break
      case 'message.removed':
      case 'message.steered':
        this.forget(String(data['messageId']))
        break
      case 'turn.started':
      case 'turn.resumed':
        this.#turn = cause
        break
      case 'worktree.ready':
        this.#prepared = cause
        break
      case 'hooks.begun':
        this.#hooks = cause
        break
      case 'turn.ended':
        this.#turnEnded = cause
        for (const id of Array.isArray(data['messageIds']) ? data['messageIds'] : []) this.forget(String(id))
        break
      case 'session.endRequested':
        this.#ending = cause
        for (const id of Array.isArray(data['canceledMessageIds']) ? data['canceledMessageIds'] : [])
          this.forget(String(id))
        break
      case 'session.ended':
        this.endedAt = event.recordedAt
        break
      case 'session.restoreRequested':
        this.#restoring = cause
        break
      case 'session.rewindRequested':
        this.#rewinding = cause
        break
      case 'process.requested':
        this.#processes.set(String(data['runId']), cause)
        break
      case 'process.ended':
        this.#processes.delete(String(data['runId']))
        break
      case 'git.requested':
        this.#operations.set(String(data['operationId']), cause)
        break
      case 'git.completed':
      case 'git.failed':
      case 'git.canceled':
        this.#operations.delete(String(data['operationId']))
        break
    }
  }

  /** A message is delivered, or will not be. */
  forget(messageId: string): void {
    this.texts.delete(messageId)
    this.files.delete(messageId)
  }

  get created(): Cause {
    return this.#created ?? this.latest
  }
  get turn(): Cause {
    return this.#turn ?? this.latest
  }
  get ending(): Cause {
    return this.#ending ?? this.latest
  }
  get restoring(): Cause {
    return this.#restoring ?? this.latest
  }
  get rewinding(): Cause {
    return this.#rewinding ?? this.latest
  }
  get latest(): Cause {
    return this.#latest ?? { id: 'none', correlationId: 'none' }
  }
  /** The round of hooks that is open. */
  get hooks(): Cause {
    return this.#hooks ?? this.latest
  }
  /** What the hooks of an event wait for. */
  before(event: HookEvent): Cause {
    if (event === 'init') return this.#prepared ?? this.latest
    if (event === 'start') return this.turn
    return event === 'agent_finish' ? (this.#turnEnded ?? this.latest) : this.ending
  }
  process(runId: string): Cause {
    return this.#processes.get(runId) ?? this.latest
  }
  operation(operationId: string): Cause {
    return this.#operations.get(operationId) ?? this.latest
  }
}
