import { answerMessage, asSessionEvent, type RecordedEvent } from '@coppice/events'

/** An answer that an agent may not have got, in words. */
export type Unheard = { readonly actionId: string; readonly text: string }

/** Questions and answers of a session whose agent may have gone before it got the answer. */
export class AnswerTexts {
  readonly #questions = new Map<string, string>()
  readonly #answers = new Map<string, string>()

  note(recorded: RecordedEvent): void {
    const event = asSessionEvent(recorded)
    switch (event?.type) {
      case 'action.offered':
        if (event.data.action.kind === 'ask_question')
          this.#questions.set(event.data.actionId, event.data.action.question)
        break
      case 'action.answered': {
        const { actionId, answer, delivery } = event.data
        const question = this.#questions.get(actionId)
        this.#questions.delete(actionId)
        if (delivery === 'waiting' && question !== undefined)
          this.#answers.set(actionId, answerMessage({ question }, answer))
        break
      }
      case 'action.taken':
        this.#answers.delete(event.data.actionId)
        break
    }
  }

  of(actionId: string): Unheard | undefined {
    const text = this.#answers.get(actionId)
    return text === undefined ? undefined : { actionId, text }
  }
}
