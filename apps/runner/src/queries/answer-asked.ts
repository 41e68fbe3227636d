import { asWorkspace, sessionStream, WORKSPACE_STREAM, type LogId } from '@coppice/events'
import type { FromServer } from '@coppice/protocol'
import type { FollowedLogs } from '../connection/followed-logs.ts'
import type { RunnerContext } from '../runner-context.ts'
import { answerQuery } from './answer-query.ts'
import { answerSecrets, isSecretRequest } from './answer-secrets.ts'

const noSession = { ok: false, code: 'not_found', message: 'There is no such session in this workspace.' }
const stillReading = {
  ok: false,
  code: 'offline',
  message: 'The runner has just started and still reads the log. Try again.',
}

/**
 * Answers what somebody asks of this runner. The asker may read the log, and only of its sessions there is an answer.
 * @param keysChanged called when a secret of the whole runner has changed
 */
export async function answerAsked(
  context: RunnerContext,
  logs: FollowedLogs,
  { request, log: asked, by }: Extract<FromServer, { t: 'query' }>,
  keysChanged: () => void,
): Promise<{ ok: boolean }> {
  const log = asked as LogId
  if ('sessionId' in request && logs.state(log, sessionStream(request.sessionId)) === undefined)
    return logs.caughtUp(log) ? noSession : stillReading
  const state = logs.state(log, WORKSPACE_STREAM)
  const workspace = state && asWorkspace(state)
  if (!isSecretRequest(request)) return answerQuery(context, request, workspace)
  const answer = await answerSecrets(context, request, workspace, by ?? '')
  if (answer.ok && request.kind !== 'secrets.list' && request.scope === 'runner') keysChanged()
  return answer
}
