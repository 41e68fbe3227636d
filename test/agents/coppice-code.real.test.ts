import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { CodeFixture } from './code-fixture.ts'
import { scripted } from './model-endpoint.ts'

const call = (tool: string, input: Record<string, unknown> | string) => ({ tool, input })

describe.each(['openai/test-1', 'anthropic/test-1', 'google/test-1'])('the tool loop with %s', (model) => {
  test('it writes, edits, runs, reads, plans, thinks, answers, and says what that took', async () => {
    await using code = await CodeFixture.begin()
    const { driver } = code
    await driver.open(code.repo)
    await driver.setModel(model)
    const end = await driver.prompt(
      scripted([
        { plan: ['write it', 'look at it'] },
        { think: 'A file first.', write: { path: 'hello.txt', text: 'hello\n' } },
        { edit: { path: 'hello.txt', old: 'hello', new: 'goodbye' } },
        { run: 'cat hello.txt; exit 3' },
        { read: 'hello.txt' },
        { say: 'All done here.', usage: { input: 2_000, output: 10, cached: 500 } },
      ]),
    )
    expect(end.stopReason).toBe('end_turn')
    expect(driver.said()).toBe('All done here.')
    expect(driver.said('agent_thought_chunk')).toBe('A file first.')
    expect(readFileSync(path.join(code.repo, 'hello.txt'), 'utf8')).toBe('goodbye\n')
    expect(driver.calls().map(({ title, status }) => [title, status])).toEqual([
      ['Write hello.txt', 'completed'],
      ['Edit hello.txt', 'completed'],
      ['cat hello.txt; exit 3', 'failed'],
      ['Read hello.txt', 'completed'],
    ])
    expect(driver.updates.find((one) => one.sessionUpdate === 'plan')).toMatchObject({
      entries: [
        { content: 'write it', status: 'in_progress' },
        { content: 'look at it', status: 'pending' },
      ],
    })
    // Six calls of the model: five of 1,000 tokens, and one of 2,000 of which 500 came from its cache.
    expect(end.usage).toMatchObject({ inputTokens: 6_500, outputTokens: 260, cachedReadTokens: 500 })
    expect(driver.updates.findLast((one) => one.sessionUpdate === 'usage_update')).toMatchObject({ used: 2_010 })
    expect(code.lastRequest).toContain('(exit code 3)')
    expect(code.lastRequest).toContain(String.raw`1\tgoodbye`)
  })

  test('what the model wants back with its thoughts and calls goes back, and the prompt is marked for its cache', async () => {
    await using code = await CodeFixture.begin()
    await code.driver.open(code.repo)
    await code.driver.setModel(model)
    await code.driver.prompt(scripted([{ think: 'Hm.', read: 'README.md' }, { say: 'Read.' }]))
    if (model.startsWith('anthropic')) {
      expect(code.lastRequest).toContain('"signature":"signed"')
      expect(code.lastRequest.match(/"cache_control":\{"type":"ephemeral"\}/g)?.length).toBeGreaterThanOrEqual(2)
    }
    if (model.startsWith('google')) expect(code.lastRequest).toContain('"thoughtSignature":"c2lnbmVk"')
    expect(code.endpoint.requests).toHaveLength(2)
  })
})

describe('calls', () => {
  test('several calls in one answer are all done: what reads side by side, what changes one after the other', async () => {
    await using code = await CodeFixture.begin()
    await code.driver.open(code.repo)
    await code.driver.setModel('openai/test-1')
    const changes = [1, 2, 3].map((n) =>
      call('run', { command: `echo ${n} >> order.txt; sleep 0.1; echo ${n} >> order.txt` }),
    )
    const reads = [1, 2, 3].map(() => call('read', { path: 'README.md' }))
    await code.driver.prompt(scripted([{ calls: [...reads, ...changes] }, { say: 'Done.' }]))
    expect(readFileSync(path.join(code.repo, 'order.txt'), 'utf8')).toBe('1\n1\n2\n2\n3\n3\n')
    const firstEnd = code.driver.updates.findIndex(
      (one) => one.sessionUpdate === 'tool_call_update' && one.status === 'completed',
    )
    const begun = code.driver.updates.slice(0, firstEnd).filter((one) => one.sessionUpdate === 'tool_call')
    expect(begun).toHaveLength(3)
    const answered = JSON.stringify(
      code.endpoint.requests.at(-1)?.messages?.filter((one) => (one as { role: string }).role === 'tool'),
    )
    expect(answered.match(/"tool_call_id"/g)).toHaveLength(6)
  })

  test('calls that run side by side are told in the order in which the model asked for them', async () => {
    await using code = await CodeFixture.begin()
    await code.driver.open(code.repo)
    // Each part of a path that is not there is looked for, which takes longer than a file that is.
    const far = call('read', { path: `${'far/'.repeat(700)}away.txt` })
    await code.driver.prompt(scripted([{ calls: [far, call('read', { path: 'README.md' })] }, { say: 'Both.' }]))
    expect(code.driver.calls().map(({ title }) => title.slice(0, 12))).toEqual(['Read far/far', 'Read README.'])
  })

  test('calls that are no JSON, name no tool, or lack what the tool needs are answered, and the turn goes on', async () => {
    await using code = await CodeFixture.begin()
    await code.driver.open(code.repo)
    const wrong = [call('read', '{"path": "READ'), call('teleport', {}), call('edit', { path: 'README.md' })]
    const end = await code.driver.prompt(scripted([{ calls: wrong }, { read: 'README.md' }, { say: 'Recovered.' }]))
    expect(end.stopReason).toBe('end_turn')
    const asked = JSON.stringify(code.endpoint.requests.at(1))
    expect(asked).toContain('The input of read could not be read')
    expect(asked).toContain('There is no tool \\"teleport\\". There are: read, list,')
    expect(asked).toContain('The input of edit is wrong: old:')
    expect(code.driver.said()).toBe('Recovered.')
  })

  test('a model that sends nothing but malformed calls, or repeats itself, is stopped and that is said', async () => {
    await using code = await CodeFixture.begin()
    await code.driver.open(code.repo)
    const end = await code.driver.prompt(
      scripted(Array.from({ length: 50 }, () => ({ calls: [call('read', '{"nope')] }))),
    )
    expect(end.stopReason).toBe('max_turn_requests')
    expect(code.driver.said()).toContain('came to nothing several times in a row')
    expect(code.endpoint.requests.length).toBeLessThan(10)
    const again = await code.driver.prompt(scripted(Array.from({ length: 50 }, () => ({ read: 'README.md' }))))
    expect(again.stopReason).toBe('max_turn_requests')
    expect(code.endpoint.requests.length).toBeLessThan(20)
  })
})

describe('who is asked', () => {
  test('manual asks before what changes, and "always" is remembered; plan changes nothing; strict asks before reads, too', async () => {
    await using code = await CodeFixture.begin()
    const { driver } = code
    await driver.open(code.repo)
    driver.answer = () => 'always'
    const steps = [{ read: 'README.md' }, { run: 'echo a' }, { run: 'echo a' }, { run: 'echo b' }, { say: 'x' }]
    await driver.prompt(scripted(steps))
    expect(driver.asked.map((one) => one.toolCall.title)).toEqual(['echo a', 'echo b'])
    await driver.setMode('plan')
    await driver.prompt(scripted([{ write: { path: 'no.txt', text: 'x' } }, { read: 'README.md' }, { say: 'A plan.' }]))
    expect(existsSync(path.join(code.repo, 'no.txt'))).toBe(false)
    expect(code.lastRequest).toContain('In plan mode nothing is changed')
    expect(driver.asked).toHaveLength(2)
    await driver.setMode('strict')
    driver.answer = () => 'reject'
    await driver.prompt(scripted([{ read: 'README.md' }, { say: 'x' }]))
    expect(driver.asked).toHaveLength(3)
    expect(code.lastRequest).toContain('The person rejected this step')
    await driver.setMode('auto')
    await driver.prompt(scripted([{ write: { path: 'yes.txt', text: 'x' } }, { say: 'x' }]))
    expect(driver.asked).toHaveLength(3)
    expect(existsSync(path.join(code.repo, 'yes.txt'))).toBe(true)
  })

  test('outside the folder nothing is changed, also through a link; reading there is asked for', async () => {
    await using code = await CodeFixture.begin()
    const { driver, at } = code
    await driver.open(code.repo)
    await driver.setMode('auto')
    writeFileSync(path.join(at.root, 'outside.txt'), 'outside\n')
    symlinkSync(at.root, path.join(code.repo, 'way-out'))
    const tries = [
      '../outside.txt',
      path.join(at.root, 'outside.txt'),
      'way-out/outside.txt',
      'way-out/new.txt',
      '.git/config',
    ]
    await driver.prompt(
      scripted([
        { calls: tries.map((file) => call('write', { path: file, content: 'changed' })) },
        { calls: [call('edit', { path: 'way-out/outside.txt', old: 'outside', new: 'changed' })] },
        { calls: [call('read', { path: '../outside.txt' })] },
        { say: 'x' },
      ]),
    )
    expect(readFileSync(path.join(at.root, 'outside.txt'), 'utf8')).toBe('outside\n')
    expect(existsSync(path.join(at.root, 'new.txt'))).toBe(false)
    expect(
      driver
        .calls()
        .slice(0, 6)
        .map(({ status }) => status),
    ).toEqual(Array(6).fill('failed'))
    expect(driver.asked.map((one) => one.toolCall.title)).toEqual([`Read ${path.join(at.root, 'outside.txt')}`])
  })
})
