import { newId } from '@coppice/events'
import { addWorkspace, registerRunner, SessionScript, settle } from './acts.ts'
import { StandInServer } from './stand-in-server.ts'

/** The same numbers for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const words = 'the ring of a tree counts years and bark is none while moss grows slow on every side of it'.split(' ')

/** One session of many messages, shaped like a long day's work: turns of a question, reading, commands, changes and answers. */
export function long(now: number, messages: number, others = 5): StandInServer {
  const server = new StandInServer({ userId: 'mara', name: 'mara' })
  const next = random(42)
  const pick = (n: number) => Math.floor(next() * n)
  const sentence = () => `${Array.from({ length: 6 + pick(14) }, () => words[pick(words.length)]).join(' ')}. `
  const paragraph = () => Array.from({ length: 1 + pick(4) }, sentence).join('')
  const prose = () =>
    Array.from({ length: 1 + pick(4) }, (_, i) =>
      i === 2
        ? `\`\`\`ts\nconst ${words[pick(9)] ?? 'x'} = ${pick(99)}\n\`\`\``
        : i === 1
          ? `- ${sentence()}\n- **${sentence()}**`
          : paragraph(),
    ).join('\n\n')
  settle(server, now - 86_400_000, [{ userId: 'mara', name: 'mara' }])
  registerRunner(server, now - 86_400_000, [])
  addWorkspace(server, now - 86_400_000, 'harbor', 'harbor-api', [])
  for (let i = 0; i < others; i++) make(server, `other-${i}`, `Another session ${i}`, now - 50_000_000)
  const script = make(server, 'long', 'A long session', now - 40_000_000)
  let written = 0
  while (written < messages) {
    const messageId = newId()
    const turnId = newId()
    script.person('message.send', { messageId, text: paragraph() })
    script.later(500).person('turn.start', { turnId, runId: newId(), messageId })
    written++
    for (let step = 0, steps = 1 + pick(6); step < steps && written < messages; step++, written++) {
      const kind = pick(4)
      const toolId = newId()
      script.later(700)
      if (kind === 0)
        script.saw('message.added', { messageId: toolId, turnId, kind: 'agent', text: prose(), completeness: 'whole' })
      else {
        const family = kind === 1 ? 'read' : kind === 2 ? 'run' : 'edit'
        script.saw('tool.started', { toolId, turnId, family, title: family, target: `src/${words[pick(9)] ?? 'a'}.ts` })
        script.saw('tool.finished', {
          toolId,
          turnId,
          outcome: 'done',
          durationMs: 120,
          output: kind === 2 ? Array.from({ length: pick(30) }, sentence).join('\n') : '',
          omittedChars: 0,
          ...(kind === 2 && { exitCode: 0 }),
          ...(kind === 3 && {
            changes: [
              {
                path: 'src/a.ts',
                additions: 1,
                deletions: 1,
                patch: `@@ -1,2 +1,2 @@\n-const a = ${pick(9)}\n+const a = ${pick(99)}\n rest\n`,
                cut: false,
              },
            ],
          }),
        })
      }
    }
    script
      .later(500)
      .saw('message.added', { messageId: newId(), turnId, kind: 'agent', text: prose(), completeness: 'whole' })
    script.saw('turn.ended', { turnId, messageIds: [messageId], outcome: 'completed', durationMs: 4_000 })
    written++
  }
  return server
}

function make(server: StandInServer, id: string, name: string, at: number): SessionScript {
  const script = new SessionScript(server, 'harbor', id, at)
  script.person('session.create', {
    sessionId: id,
    workspaceId: 'harbor',
    name,
    mode: 'develop',
    provider: 'script',
    model: 'script',
    baseBranch: 'main',
    stepMode: 'auto',
  })
  script.saw('worktree.ready', { branch: `coppice/${id}`, baseCommit: '3f2c1ab9d0', path: '/tmp/x', durationMs: 100 })
  return script
}
