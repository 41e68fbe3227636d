/** How an agent gets to know what it is told beside messages. */
export type Instructed = {
  /** What counts for the agent in this turn. */
  readonly text: string
  readonly way: 'system_prompt' | 'first_prompt'
  /** Whether it knows that already: from its system prompt, or from an earlier prompt of this conversation. */
  readonly known: boolean
}

/** The prompt for an agent that has no system prompt of ours: what is new to it goes before the message. */
export function withInstructions({ text, known }: Instructed, prompt: string): string {
  if (known) return prompt
  const told = text === '' ? 'The rules of this session that you were told before no longer count.' : text
  return `${told}\n\n# The message\n\n${prompt}`
}
