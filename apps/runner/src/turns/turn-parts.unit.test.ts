import fc from 'fast-check'
import { mkdtempSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { LIMITS, workspaceLog, type PermissionRule } from '@coppice/events'
import type { ToolCall } from '../agents/happenings.ts'
import { Redaction } from '../agents/redaction.ts'
import { temporaryRepository } from '../git/temporary-repository.ts'
import { LiveFeed } from './live-feed.ts'
import { judgeStep, type Allowed } from './permission.ts'
import { leftOver } from './left-over.ts'
import { SpokenText } from './spoken-text.ts'
import type { SpokenMessage } from './spoken-text.ts'
import { StreamedText } from './streamed-text.ts'
import { Telling } from './telling.ts'
import { cutEnd, cutOutput, eventBytes } from './tool-text.ts'
import { digestOf, readTranscript, Transcript } from './transcript.ts'
import type { TranscriptLine } from './transcript.ts'

const call = (over: Partial<ToolCall>): ToolCall => ({
  callId: 'c',
  family: 'run',
  title: '',
  target: '',
  status: 'pending',
  output: '',
  exitCode: null,
  locations: [],
  diffs: [],
  ...over,
})

const unexpected = (error: unknown): never => {
  throw error
}

describe('secrets in a stream', () => {
  test('however a text is cut into pieces, no secret leaves, and the pieces add up to the redacted whole', () => {
    const secrets = ['sk-secret-12345', 'secret-1234567890', 'aaaaaaaab']
    const text = fc.array(
      fc.oneof(fc.constantFrom(...secrets, 'sk-sec', 'aaaaaaaa', ' and '), fc.string({ maxLength: 4 })),
    )
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 7 }), (parts, size) => {
        const whole = parts.join('')
        const streamed = new StreamedText(new Redaction(secrets))
        let shown = ''
        for (let at = 0; at < whole.length; at += size) {
          shown += streamed.push(whole.slice(at, at + size))
          for (const secret of secrets) expect(shown).not.toContain(secret)
        }
        shown += streamed.end()
        expect(shown).toBe(streamed.text)
        for (const secret of secrets) expect(shown).not.toContain(secret)
      }),
    )
  })

  test('only named variables and long enough values count as secrets', () => {
    const redaction = Redaction.of({ MY_API_KEY: 'abcdefgh', PATH: '/usr/bin:/bin', SHORT_TOKEN: 'abc' }, [
      'token-1234',
    ])
    expect(redaction.data({ a: ['abcdefgh /usr/bin:/bin abc'], b: { c: 'token-1234', n: 1 } })).toEqual({
      a: ['[redacted] /usr/bin:/bin abc'],
      b: { c: '[redacted]', n: 1 },
    })
  })
})

describe('what becomes of a step', () => {
  const manual: Allowed = { stepMode: 'manual', rules: [], strict: false, planMode: false, workspaceRules: [] }
  const ruled = (rule: PermissionRule): Allowed => ({ ...manual, rules: [{ ...rule, ruleId: 'r1' }] })

  test('[D-6] rules of session and workspace allow what fits them, where it really is', () => {
    using at = temporaryRepository()
    const folder = realpathSync(at.root)
    mkdirSync(path.join(folder, 'src'))
    symlinkSync('/etc', path.join(folder, 'src', 'link'))
    const pattern = { ruleId: 'r', family: 'edit' as const, pattern: 'src/**' }
    const edit = (file: string, allowed: Allowed) =>
      judgeStep(call({ family: 'edit', target: file, locations: [file] }), folder, allowed)
    for (const allowed of [
      { ...manual, rules: [pattern] },
      { ...manual, workspaceRules: [pattern] },
    ]) {
      expect(edit('src/new/a.ts', allowed)).toEqual({ allow: 'rule' })
      expect(edit(path.join(folder, 'src/a.ts'), allowed)).toEqual({ allow: 'rule' })
      for (const file of ['a.ts', 'src/../a.ts', 'src/link/passwd', '../x', path.join(folder, '.git/config')])
        expect([file, edit(file, allowed)]).toEqual([file, { ask: { family: 'edit' } }])
    }
    const command = { ruleId: 'r', family: 'run' as const, pattern: 'pnpm test *' }
    const run = (target: string) => judgeStep(call({ target }), folder, { ...manual, workspaceRules: [command] })
    expect(run('pnpm test a')).toEqual({ allow: 'rule' })
    expect(run('pnpm test a && rm b')).toHaveProperty('ask')
  })

  test('[D-1] [D-6] strict asks before reads; plan mode changes nothing, in Auto and with rules too', () => {
    using at = temporaryRepository()
    const look = call({ family: 'read', target: 'a.ts' })
    expect(judgeStep(look, at.root, { ...manual, strict: true })).toHaveProperty('ask')
    expect(judgeStep(look, at.root, { ...manual, planMode: true })).toEqual({ allow: 'read' })
    const rules = [{ ruleId: 'r', family: 'run' as const, target: 'npm test' }]
    for (const stepMode of ['auto', 'manual'] as const)
      for (const family of ['run', 'edit', 'write', 'delete'] as const)
        expect(
          judgeStep(call({ family, target: 'npm test' }), at.root, { ...manual, stepMode, rules, planMode: true }),
        ).toHaveProperty('reject')
  })

  test('reads inside pass, those outside, through a link or in .git do not; Auto and rules allow; else a person is asked', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'coppice-step-'))
    try {
      mkdirSync(path.join(folder, 'src'))
      symlinkSync('/etc', path.join(folder, 'link'))
      const read = (file: string) => judgeStep(call({ family: 'read', target: file }), folder, manual)
      expect(read('src/a.ts')).toEqual({ allow: 'read' })
      expect(read(path.join(folder, 'src/a.ts'))).toEqual({ allow: 'read' })
      for (const outside of ['../x', '/etc/passwd', 'link/passwd', '.git/config'])
        expect(read(outside)).toHaveProperty('ask')
      const run = call({ target: 'npm test' })
      expect(judgeStep(run, folder, { ...manual, stepMode: 'auto' })).toEqual({ allow: 'auto' })
      expect(judgeStep(run, folder, manual)).toEqual({ ask: { family: 'run', target: 'npm test' } })
      expect(judgeStep(run, folder, ruled({ family: 'run', target: 'npm test' }))).toEqual({ allow: 'rule' })
      expect(
        judgeStep(call({ target: 'npm test; rm x' }), folder, ruled({ family: 'run', target: 'npm test' })),
      ).toHaveProperty('ask')
      expect(judgeStep(call({ family: 'edit', target: 'a' }), folder, ruled({ family: 'edit' }))).toEqual({
        allow: 'rule',
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('what a crash left', () => {
  test('messages and tools that were begun and not finished', () => {
    const left = leftOver([
      { kind: 'turn', turnId: 't1', runId: 'r1', text: 'Do it.', resumable: true },
      { kind: 'asked' },
      { kind: 'text', messageId: 'm1', channel: 'agent', text: 'whole' },
      { kind: 'message', messageId: 'm1' },
      { kind: 'toolStarted', toolId: 'a', family: 'run', at: 1 },
      { kind: 'toolFinished', toolId: 'a' },
      { kind: 'toolStarted', toolId: 'b', family: 'run', at: 2 },
      { kind: 'output', toolId: 'b', text: 'half' },
      { kind: 'text', messageId: 'm2', channel: 'thinking', text: 'cut ' },
      { kind: 'text', messageId: 'm2', channel: 'thinking', text: 'off' },
    ])
    expect(left).toEqual({
      messages: [{ messageId: 'm2', channel: 'thinking', text: 'cut off' }],
      tools: [{ toolId: 'b', output: 'half', at: 2 }],
      asked: true,
      answered: undefined,
      resumable: true,
    })
  })

  test('a transcript that does not tell whether its agent was asked is not gone on with; one that was never begun is', () => {
    expect(leftOver([{ kind: 'turn', turnId: 't1', runId: 'r1', text: 'Do it.' }]).resumable).toBe(false)
    expect(leftOver([])).toMatchObject({ resumable: true, asked: false })
  })
})

describe('a transcript', () => {
  const says = (messageId: string, text: string): TranscriptLine => ({
    kind: 'text',
    messageId,
    channel: 'agent',
    text,
  })

  test('the pieces of a message are one line, however they are cut; wherever a crash cuts it, what came before is read', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'coppice-transcript-'))
    const file = path.join(folder, 't.jsonl')
    try {
      const transcript = new Transcript(file, () => undefined)
      const whole = 'Say "no" \\ \n to \u001b[1m語😀 twice'
      for (const letter of whole) transcript.write(says('m1', letter))
      transcript.write({ kind: 'message', messageId: 'm1' })
      transcript.write({ kind: 'output', toolId: 'a', text: 'one ' })
      transcript.write({ kind: 'output', toolId: 'b', text: 'two' })
      transcript.write({ kind: 'output', toolId: 'a', text: 'more' })
      transcript.write(says('m2', whole))
      transcript.close()
      transcript.write(says('m2', 'too late'))
      expect(readTranscript(file)).toEqual([
        says('m1', whole),
        { kind: 'message', messageId: 'm1' },
        { kind: 'output', toolId: 'a', text: 'one ' },
        { kind: 'output', toolId: 'b', text: 'two' },
        { kind: 'output', toolId: 'a', text: 'more' },
        says('m2', whole),
      ])
      const bytes = readFileSync(file)
      expect(digestOf(file)?.bytes).toBe(bytes.length)
      const begin = bytes.lastIndexOf('"text":"') + '"text":"'.length
      for (let cut = begin; cut < bytes.length - 1; cut += 1) {
        writeFileSync(file, bytes.subarray(0, cut))
        const last = readTranscript(file).at(-1)
        expect(last).toMatchObject({ messageId: 'm2' })
        expect(whole.startsWith(last?.kind === 'text' ? last.text.replace(/[\ud800-\udbff]$/, '') : 'none')).toBe(true)
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('telling', () => {
  test('what happened later is told later, however long the earlier takes', async () => {
    const telling = new Telling(unexpected)
    const told: string[] = []
    const slow = new Promise<string>((resolve) => setTimeout(() => resolve('first'), 10))
    telling.tellWith(slow, (found) => told.push(found))
    telling.tell(() => told.push('second'))
    await telling.told()
    expect(told).toEqual(['first', 'second'])
  })

  test('what cannot be told is said, and does not keep back what comes after it', async () => {
    const failures: unknown[] = []
    const telling = new Telling((error) => failures.push(error))
    const told: string[] = []
    const full = new Error('the disk is full')
    telling.tell(() => {
      throw full
    })
    telling.tellWith(Promise.reject(full), () => told.push('never'))
    telling.tell(() => told.push('after'))
    await telling.told()
    expect([told, failures]).toEqual([['after'], [full, full]])
  })
})

describe('what an agent says', () => {
  test('a piece larger than an event holds goes into several messages, none lost, no letter cut in two', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'coppice-spoken-'))
    const transcript = new Transcript(path.join(folder, 'r1.jsonl'), () => undefined)
    try {
      const messages: SpokenMessage[] = []
      const context = { now: () => 0, live: () => undefined }
      const spoken = new SpokenText({
        turnId: 't1',
        seed: 't1',
        redaction: new Redaction([]),
        feed: new LiveFeed(context, workspaceLog('w1'), 's1'),
        transcript,
        now: () => 0,
        whole: (message) => messages.push(message),
      })
      const whole = '"\u001b😀\n'.repeat(20_000)
      spoken.say('agent', 'k', whole)
      spoken.end('whole')
      expect(messages.map((message) => message.text).join('')).toBe(whole)
      for (const { text } of messages) {
        expect(text.isWellFormed()).toBe(true)
        expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThan(LIMITS.messageBytes)
      }
    } finally {
      transcript.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('long texts', () => {
  test('the middle of an output is left out and counted; control characters do not swell an event', () => {
    expect(cutOutput('short')).toEqual({ text: 'short', omitted: 0 })
    expect(cutOutput('a'.repeat(60) + 'b'.repeat(60), 100)).toEqual({
      text: `${'a'.repeat(50)}\n…\n${'b'.repeat(50)}`,
      omitted: 20,
    })
    expect(cutOutput('a\0b\x1b[1m\n').text).toBe('a\ufffdb\x1b[1m\n')
    expect(cutEnd('abcdef', 4)).toBe('abc…')
  })

  test('letters of several bytes and colours are cut earlier: an event has room for them', () => {
    for (const wide of ['語'.repeat(30_000), '😀'.repeat(30_000), '\x1b[1mx'.repeat(10_000)]) {
      const { text, omitted } = cutOutput(wide, 10_000)
      expect(eventBytes(text)).toBeLessThan(20_010)
      expect(text.isWellFormed()).toBe(true)
      expect(text.length - 3 + omitted).toBe(wide.length)
      expect(eventBytes(cutEnd(wide, 10_000))).toBeLessThan(20_010)
    }
  })
})
