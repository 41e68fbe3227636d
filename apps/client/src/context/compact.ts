/** How an agent is told to make room in its context, where it has a way. */
const commands: Readonly<Record<string, string>> = { 'coppice-code': '/compact', 'claude-code': '/compact' }

export const compactCommand = (provider: string): string | undefined => commands[provider]
