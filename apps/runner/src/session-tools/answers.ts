import { answerWords, type ActionAnswer } from '@coppice/events'
import type { ToolAnswer } from './tools.ts'

/** What a call is told: it worked. */
export const done = (text: string): ToolAnswer => ({ text, failed: false })
/** What a call is told: it did not, why, and what to do. */
export const failed = (text: string): ToolAnswer => ({ text, failed: true })

/** A person's answer, as the result of the call that waited for it. */
export const answered = (answer: ActionAnswer): ToolAnswer => done(answerWords(answer))

export const noTurn = failed('No turn of this session is running, so there is nobody who could be asked.')
export const turnStopped = failed('The turn was stopped before anybody answered. Do not ask again.')
