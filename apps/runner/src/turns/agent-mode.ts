import type { SessionState } from '@coppice/events'
import type { AcpAgent } from '../agents/acp-agent.ts'

const planOnly =
  'This session is in plan mode: read and search as much as you need, change and run nothing. Give a plan, step by step, and end your turn.'

/**
 * Puts the agent into the mode that the session wants of it. One without a plan mode of its own is told; that nothing is
 * changed in plan mode is the runner's own doing, whatever the agent says of itself.
 * @returns the prompt for it
 */
export async function inMode(
  agent: Pick<AcpAgent, 'enterMode'>,
  {
    provider,
    planMode,
    strict,
    stepMode,
    readOnly,
  }: Pick<SessionState, 'provider' | 'planMode' | 'strict' | 'stepMode'> & { readonly readOnly: boolean },
  prompt: string,
): Promise<string> {
  const knows = await agent.enterMode(
    planMode ? 'plan' : readOnly || (strict && stepMode === 'manual') ? 'strict' : 'usual',
  )
  return planMode && !knows && provider !== 'script' ? `${planOnly}\n\n${prompt}` : prompt
}
