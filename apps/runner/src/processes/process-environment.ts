import type { RunnerContext } from '../runner-context.ts'
import { portVariables, type PortRange } from './port-ranges.ts'

/** Marks every process of a session, and is inherited by its children: by it the ports are found that they open. */
export const sessionMarker = 'COPPICE_SESSION'

/** What every process of a session gets in its environment beside the runner's own: its ports, and whose it is. */
export async function sessionVariables(
  context: Pick<RunnerContext, 'ports'>,
  sessionId: string,
): Promise<{ readonly ports: PortRange; readonly variables: Record<string, string> }> {
  const ports = await context.ports.of(sessionId)
  return { ports, variables: { ...portVariables(ports), [sessionMarker]: sessionId } }
}

/** What a task or terminal gets beside that: the workspace's secrets, and words that ask programs for colour. */
export function terminalVariables(
  context: Pick<RunnerContext, 'secrets'>,
  workspaceId: string,
): Record<string, string> {
  return { ...context.secrets.environment(workspaceId), TERM: 'xterm-256color', COLORTERM: 'truecolor' }
}
