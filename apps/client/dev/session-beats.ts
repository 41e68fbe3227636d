import { newId, type ToolFamily } from '@coppice/events'
import { SessionScript } from './acts.ts'
import { providers } from './harbor-providers.ts'
import type { StandInServer } from './stand-in-server.ts'

/** The message that each turn began with. */
const turns = new Map<string, string>()

/** A new session whose worktree is ready. */
export function begin(
  server: StandInServer,
  workspaceId: string,
  sessionId: string,
  name: string,
  provider: string,
  at: number,
  chat = false,
  groupId?: string,
): SessionScript {
  const script = new SessionScript(server, workspaceId, sessionId, at)
  script.person('session.create', {
    sessionId,
    workspaceId,
    name,
    mode: chat ? 'chat' : 'develop',
    provider,
    model: providers.find((one) => one.id === provider)?.models[0]?.id ?? '',
    baseBranch: 'main',
    stepMode: 'manual',
    ...(groupId !== undefined && { groupId }),
  })
  script.later(1_800).saw('worktree.ready', {
    branch: `coppice/${name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 30)}`,
    baseCommit: '3f2c1ab9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f',
    path: `/var/coppice/worktrees/${sessionId}`,
    durationMs: 1_800,
  })
  return script
}

/** Says something to the agent. @returns the turn that it began. */
export function turn(script: SessionScript, text: string, userId?: string): string {
  const messageId = newId()
  const turnId = newId()
  script.person('message.send', { messageId, text }, userId)
  script.later(300).person('turn.start', { turnId, runId: newId(), messageId })
  turns.set(turnId, messageId)
  return turnId
}

/** Ends a turn, with what it cost. */
export function endTurn(script: SessionScript, turnId: string, provider: string, usd: number, failed?: string): void {
  script.saw('turn.ended', {
    turnId,
    messageIds: [turns.get(turnId) ?? ''],
    outcome: failed === undefined ? 'completed' : 'failed',
    ...(failed !== undefined && { message: failed }),
    durationMs: 60_000,
    usage: {
      provider,
      model: 'm',
      inputTokens: 108_000,
      outputTokens: 18_900,
      cacheReadTokens: 1_132_000,
      cacheWriteTokens: 0,
      usd,
      source: 'reported',
      contextUsed: 142_600,
      contextLimit: 200_000,
    },
  })
}

/** Keeps the files, with the lines changed so far. */
export function checkpoint(script: SessionScript, additions: number, deletions: number): void {
  const files =
    additions + deletions === 0
      ? []
      : [{ path: 'src/hooks/route.ts', status: 'modified' as const, additions, deletions }]
  script.saw('checkpoint.created', {
    checkpointId: newId(),
    commit: 'c'.repeat(40),
    tree: 't'.repeat(40),
    reason: 'turn_end',
    additions,
    deletions,
    fileCount: files.length,
    files,
  })
}

/** A step that waits for a person. */
export function ask(
  script: SessionScript,
  turnId: string,
  toolId: string,
  family: ToolFamily,
  target: string,
  detail: string,
  detailKind: 'command' | 'diff',
): void {
  script.saw('tool.started', { toolId, turnId, family, title: family, target })
  script.saw('approval.requested', {
    approvalId: newId(),
    toolId,
    turnId,
    family,
    title: family,
    target,
    detail,
    detailKind,
    rule: { family, target },
  })
}
