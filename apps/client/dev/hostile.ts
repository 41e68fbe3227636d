import { newId } from '@coppice/events'
import { addWorkspace, registerRunner, SessionScript, settle } from './acts.ts'
import { StandInServer } from './stand-in-server.ts'

const bad = '<img src=x onerror="globalThis.ran=1"><script>globalThis.ran=1</script>'

/** A session in which every text that others can choose tries to become code. */
export function hostile(now: number): StandInServer {
  const server = new StandInServer({ userId: 'mara', name: 'mara' })
  settle(server, now, [
    { userId: 'mara', name: 'mara' },
    { userId: 'eve', name: `eve ${bad}` },
  ])
  registerRunner(server, now, [
    {
      id: 'script',
      name: `Script ${bad}`,
      available: true,
      reason: '',
      version: bad.slice(0, 70),
      models: [{ id: 'm', name: bad }],
    },
  ])
  addWorkspace(server, now, 'evil', `evil ${bad}`, [{ userId: 'eve', name: `eve ${bad}` }])
  const script = new SessionScript(server, 'evil', 'hostile', now)
  script.person('session.create', {
    sessionId: 'hostile',
    workspaceId: 'evil',
    name: `Name ${bad}`,
    mode: 'develop',
    provider: 'script',
    model: bad,
    baseBranch: 'main',
    stepMode: 'manual',
  })
  script.saw('worktree.ready', {
    branch: `coppice/${bad}`,
    baseCommit: '3f2c1ab',
    path: `/tmp/${bad}`,
    durationMs: 1,
    notes: [bad],
  })
  const messageId = newId()
  const turnId = newId()
  script.person('message.send', { messageId, text: `${bad}\n\n[x](javascript:globalThis.ran=1)` }, 'eve')
  script.person('turn.start', { turnId, runId: newId(), messageId })
  script.saw('message.added', {
    messageId: newId(),
    turnId,
    kind: 'agent',
    completeness: 'whole',
    text: `${bad}\n\n[click](javascript:globalThis.ran=1) [data](data:text/html,x) <javascript:globalThis.ran=1> ![pic](https://evil.example/x.png "onerror")\n\n<div onclick="globalThis.ran=1">\n\n<iframe src="javascript:globalThis.ran=1"></iframe>\n\n</div>\n\n| a ${bad} |\n|---|\n| <style>*{display:none}</style> |\n\n- ${bad}\n\n\`\`\`${bad}\n${bad}\n\`\`\`\n\n[ref]\n\n[ref]: javascript:globalThis.ran=1 "${bad}"\n\n&lt;img src=x onerror=globalThis.ran=1&gt;`,
  })
  script.saw('message.added', { messageId: newId(), turnId, kind: 'thinking', text: bad, completeness: 'whole' })
  script.saw('message.added', {
    messageId: newId(),
    turnId,
    kind: 'system',
    source: bad.slice(0, 70),
    text: bad,
    completeness: 'whole',
  })
  const toolId = newId()
  script.saw('tool.started', { toolId, turnId, family: 'other', title: bad, target: bad })
  script.saw('tool.finished', {
    toolId,
    turnId,
    outcome: 'failed',
    exitCode: 1,
    durationMs: 1,
    output: `\u001b]8;;javascript:globalThis.ran=1\u0007${bad}\u001b]8;;\u0007`,
    omittedChars: 0,
    changes: [{ path: bad, additions: 1, deletions: 0, patch: `@@ -0,0 +1 @@\n+${bad}\n`, cut: false }],
  })
  script.saw('plan.updated', { turnId, planId: newId(), entries: [{ text: bad, status: 'pending' }] })
  script.saw('checkpoint.created', {
    checkpointId: newId(),
    commit: 'c',
    tree: 't',
    reason: 'turn_end',
    additions: 1,
    deletions: 0,
    fileCount: 1,
    files: [{ path: `src/${bad}.ts`, status: 'added', additions: 1, deletions: 0 }],
  })
  const asking = newId()
  script.saw('tool.started', { toolId: asking, turnId, family: 'run', title: bad, target: bad })
  script.saw('approval.requested', {
    approvalId: newId(),
    toolId: asking,
    turnId,
    family: 'run',
    title: bad,
    target: bad,
    detail: bad,
    detailKind: 'command',
    rule: { family: 'run', target: bad },
  })
  script.person('message.send', { messageId: newId(), text: bad }, 'eve')
  return server
}
