import fc from 'fast-check'
import { expect, test } from 'vitest'
import { given } from '../testing/given.ts'
import { created, ready } from '../testing/session-begun.ts'
import { sessionDecider } from './decider.ts'
import type { SessionEvent } from './events.ts'
import { patternProblem, proposedPattern, ruleAllows, type StepOfRule } from './rule-match.ts'
import { lastingRuleSchema } from './rule-vocabulary.ts'

const run = (target: string): StepOfRule => ({ family: 'run', target, paths: [] })
const edit = (...paths: string[]): StepOfRule => ({ family: 'edit', target: paths[0] ?? '', paths })
const allowsRun = (pattern: string, command: string): boolean => ruleAllows({ family: 'run', pattern }, run(command))

test('[D-6] a rule for commands allows the words it says, with any arguments where it ends in *', () => {
  for (const command of ['pnpm test', 'pnpm test src/a.test.ts', 'pnpm  test --run "a b"'])
    expect(allowsRun('pnpm test *', command)).toBe(true)
  for (const command of ['pnpm', 'pnpm testing', 'pnpm install', 'sudo pnpm test', 'CI=1 pnpm test', 'npm test'])
    expect(allowsRun('pnpm test *', command)).toBe(false)
  expect(allowsRun('node scripts/*.ts', 'node scripts/a.ts')).toBe(true)
  expect(allowsRun('node scripts/*.ts', 'node scripts/a.ts --all')).toBe(false)
  expect(allowsRun('git status', 'git status')).toBe(true)
  expect(allowsRun('git status', 'git status --short')).toBe(false)
  // Exactly what was allowed, however it looks.
  expect(allowsRun('make && make test', 'make && make test')).toBe(true)
})

test('[D-6] nothing that a shell takes for more than one plain command fits a pattern with *', () => {
  const more = [
    'pnpm test && rm -rf .',
    'pnpm test; rm x',
    'pnpm test | sh',
    'pnpm test & rm x',
    'pnpm test\nrm x',
    'pnpm test\r\nrm x',
    'pnpm test $(rm x)',
    'pnpm test `rm x`',
    'pnpm test "$(rm x)"',
    'pnpm test > /etc/passwd',
    'pnpm test <(rm x)',
    '(pnpm test)',
    'pnpm test \\\nrm x',
    'pnpm test $HOME',
    'pnpm test !!',
  ]
  for (const command of more) expect([command, allowsRun('pnpm test *', command)]).toEqual([command, false])
  const operators = fc.constantFrom(';', '&', '|', '<', '>', '(', ')', '$', '`', '\\', '\n', '\r', '\0', '!')
  fc.assert(
    fc.property(fc.string(), operators, fc.string(), (before, operator, after) => {
      expect(allowsRun('pnpm test *', `pnpm test ${before}${operator}${after}`)).toBe(false)
    }),
  )
})

test('[D-6] a rule for files allows those of its pattern inside the worktree, every one that a step names', () => {
  const allows = (pattern: string, step: StepOfRule) => ruleAllows({ family: 'edit', pattern }, step)
  expect(allows('src/**', edit('src/a.ts', 'src/deep/b.ts'))).toBe(true)
  expect(allows('src/**', { ...edit('src/new.ts'), family: 'write' })).toBe(true)
  expect(allows('src/*', edit('src/deep/b.ts'))).toBe(false)
  expect(allows('src/**', edit('src/a.ts', 'package.json'))).toBe(false)
  expect(allows('**', edit('src/../../x'))).toBe(false)
  expect(allows('**', edit('.git/hooks/post-commit'))).toBe(false)
  expect(allows('**', { family: 'edit', target: '/etc/passwd', paths: undefined })).toBe(false)
  expect(allows('**', edit())).toBe(false)
  expect(allows('src/**', { ...edit('src/a.ts'), family: 'delete' })).toBe(false)
  expect(allows('a.ts', edit('axts'))).toBe(false)
})

test('[D-6] a rule for addresses names its host whole; one for tools their name', () => {
  const fetch = (target: string): StepOfRule => ({ family: 'fetch', target, paths: [] })
  const docs = { family: 'fetch' as const, pattern: 'https://docs.rs/*' }
  expect(ruleAllows(docs, fetch('https://docs.rs/serde'))).toBe(true)
  expect(ruleAllows(docs, fetch('https://docs.rs.evil.example/'))).toBe(false)
  expect(patternProblem('fetch', 'https://docs.rs*')).toContain('host whole')
  expect(patternProblem('other', '*')).toContain('begins with its name')
  expect(patternProblem('run', '*')).toContain('name of the command')
  expect(patternProblem('run', 'pnpm test && *')).toContain('one plain command')
  expect(patternProblem('edit', '../x')).toContain('inside the worktree')
  expect(lastingRuleSchema.safeParse({ ruleId: 'r', family: 'run', pattern: 'rm* x' }).success).toBe(false)
})

test('what "Always allow" proposes is a rule, and allows the step it was proposed for', () => {
  const steps = [
    run('pnpm test src/a.test.ts'),
    run('ls'),
    run('make && make test'),
    run('node scripts/x.ts'),
    edit('src/hooks/route.ts'),
    edit('README.md'),
    { family: 'fetch' as const, target: 'https://docs.rs/serde', paths: [] },
  ]
  for (const step of steps) {
    const pattern = proposedPattern(step)
    expect([pattern, patternProblem(step.family, pattern)]).toEqual([pattern, undefined])
    expect([pattern, ruleAllows({ family: step.family, pattern }, step)]).toEqual([pattern, true])
  }
  expect(proposedPattern(run('pnpm test src/a.test.ts'))).toBe('pnpm test *')
  expect(proposedPattern(edit('src/hooks/route.ts'))).toBe('src/hooks/**')
})

test('[D-6] rules are listed in the state and can be taken back, those of "for this session" too', () => {
  const rule = { ruleId: 'r1', family: 'run' as const, pattern: 'pnpm test *' }
  const answered: SessionEvent[] = [
    {
      type: 'approval.answered',
      data: { approvalId: 'a1', toolId: 'x', decision: 'allow_session', rule: { family: 'run', target: 'ls' } },
    },
  ]
  const held = [created, ...answered, { type: 'session.ruleAdded' as const, data: rule }]
  expect(given(sessionDecider, held).state.rules).toEqual([{ ruleId: 'a1', family: 'run', target: 'ls' }, rule])
  given(sessionDecider, held).when({ type: 'session.addRule', data: rule }).refused('already_exists')
  for (const ruleId of ['a1', 'r1'])
    given(sessionDecider, held)
      .when({ type: 'session.removeRule', data: { ruleId } })
      .then([{ type: 'session.ruleRemoved', data: { ruleId } }])
})

test('[D-4] Manual for the first message, then Auto: a turn that ended well switches, once; a choice of a person counts instead', () => {
  if (created.type !== 'session.created') throw new Error('it is a session')
  const begun: SessionEvent[] = [
    { ...created, data: { ...created.data, stepMode: 'manual', autoAfterFirst: true } },
    ready,
    { type: 'message.queued', data: { messageId: 'm1', text: 'Begin.' } },
    { type: 'turn.started', data: { turnId: 't1', runId: 'r', messageIds: ['m1'] } },
  ]
  const ended = (outcome: 'completed' | 'stopped'): SessionEvent => ({
    type: 'turn.ended',
    data: { turnId: 't1', messageIds: ['m1'], outcome, durationMs: 1 },
  })
  expect(given(sessionDecider, begun).state.stepMode).toBe('manual')
  expect(given(sessionDecider, [...begun, ended('completed')]).state).toMatchObject({
    stepMode: 'auto',
    autoAfterFirst: false,
  })
  expect(given(sessionDecider, [...begun, ended('stopped')]).state).toMatchObject({
    stepMode: 'manual',
    autoAfterFirst: true,
  })
  const chosen: SessionEvent = { type: 'session.stepModeSet', data: { stepMode: 'manual' } }
  given(sessionDecider, begun)
    .when({ type: 'session.setStepMode', data: { stepMode: 'manual' } })
    .then([chosen])
  expect(given(sessionDecider, [...begun, chosen, ended('completed')]).state.stepMode).toBe('manual')
})
