import type { CommandData } from '@coppice/events'

/** What a session is created with where only that it is there counts: a chat, in the workspace `w`. */
export const newSession = (sessionId: string): CommandData<'session.create'> => ({
  sessionId,
  workspaceId: 'w',
  mode: 'chat',
  provider: 'script',
  model: '',
  baseBranch: 'main',
  stepMode: 'manual',
})
