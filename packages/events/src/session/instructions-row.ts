/** The item that holds what the agent was told from a turn on. */
export const instructionsItem = (turnId: string): string => `${turnId}-instructions`
