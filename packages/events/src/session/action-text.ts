import type { ActionAnswer, Question } from './action-vocabulary.ts'

/** An answer in words, for the agent that asked. */
export function answerWords(answer: ActionAnswer): string {
  if (answer.kind !== 'answered') return 'They did not want to answer. Decide it yourself, and say what you chose.'
  return [answer.options.join('; '), answer.other?.trim() ?? ''].filter((part) => part !== '').join('\n')
}

/** An answer as a message, for an agent that no longer waits: the question stands before it. */
export function answerMessage({ question }: Pick<Question, 'question'>, answer: ActionAnswer): string {
  const quoted = question
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n')
  return `${quoted}\n\n${answerWords(answer)}`
}
