import { appendFileSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { CodeFixture } from './code-fixture.ts'
import { scripted } from './model-endpoint.ts'

const small = { COPPICE_CODE_WINDOW: '5000' }

describe('a conversation that becomes too long', () => {
  test('is summarised by the model, told as a step, and goes on with what matters', async () => {
    await using code = await CodeFixture.begin(small)
    const { driver, endpoint } = code
    await driver.open(code.repo)
    endpoint.asides.push({
      say: `The task: go on with ${scripted([{ read: 'README.md' }, { say: 'After the summary.' }])}`,
    })
    const long = 'A long story. '.repeat(500)
    const end = await driver.prompt(
      scripted([
        { say: long, read: 'README.md' },
        { read: 'README.md', usage: { input: 4_500 } },
        { say: 'never reached' },
      ]),
    )
    expect(end.stopReason).toBe('end_turn')
    expect(driver.said()).toContain('After the summary.')
    const summary = driver.calls().find((call) => call.title === 'Summarise the conversation')
    expect(summary).toMatchObject({ status: 'completed' })
    expect(summary?.text).toContain('The task: go on')
    expect(code.lastRequest).toContain('was summarised. What follows are notes')
    expect(code.lastRequest).not.toContain('A long story.')
    // All calls of the model count: two, the summary, and one more.
    expect(end.usage?.inputTokens).toBe(1_000 + 4_500 + 1_000 + 1_000)
  })

  test('a summary that fails is told, loses nothing, and the turn goes on', async () => {
    await using code = await CodeFixture.begin(small)
    const { driver, endpoint } = code
    await driver.open(code.repo)
    endpoint.asides.push({ fail: 400, message: 'no summaries today' })
    const end = await driver.prompt(
      scripted([{ read: 'README.md', usage: { input: 4_500 } }, { say: 'Still all here.' }]),
    )
    expect(end.stopReason).toBe('end_turn')
    expect(driver.calls().at(-1)).toMatchObject({ title: 'Summarise the conversation', status: 'failed' })
    expect(driver.calls().at(-1)?.text).toContain('no summaries today')
    expect(driver.said()).toBe('Still all here.')
  })

  test('an endpoint that finds it too long before we do leads to a summary, too; a person may ask for one', async () => {
    await using code = await CodeFixture.begin()
    const { driver, endpoint } = code
    await driver.open(code.repo)
    await driver.prompt(scripted([{ read: 'README.md' }, { say: 'One.' }]))
    endpoint.asides.push({ say: 'Notes.' })
    await driver.prompt(scripted([{ fail: 400, times: 1, message: 'prompt is too long', say: 'Made room.' }]))
    expect(driver.said()).toContain('Made room.')
    endpoint.asides.push({ say: 'Notes on request.' })
    expect((await driver.prompt('/compact')).stopReason).toBe('end_turn')
    expect(driver.calls().at(-1)?.text).toBe('Notes on request.')
  })
})

describe('a session outlives its process', () => {
  test('resume goes on with what was said, load tells it again, fork goes its own way', async () => {
    await using code = await CodeFixture.begin()
    await code.driver.open(code.repo)
    await code.driver.prompt(scripted([{ read: 'README.md' }, { say: 'The first answer.' }]))
    await code.restart()
    await code.driver.resume(code.repo)
    await code.driver.prompt(scripted([{ say: 'The second answer.' }]))
    expect(code.lastRequest).toContain('The first answer.')
    await code.restart()
    await code.driver.load(code.repo)
    expect(code.driver.said()).toBe('The first answer.The second answer.')
    expect(code.driver.calls()).toMatchObject([{ title: 'read', status: 'completed' }])
    const original = code.driver.sessionId
    await code.driver.fork(code.repo)
    expect(code.driver.sessionId).not.toBe(original)
    await code.driver.prompt(scripted([{ say: 'On another way.' }]))
    expect(code.lastRequest).toContain('The second answer.')
    code.driver.sessionId = original
    await code.driver.prompt(scripted([{ say: 'On the old way.' }]))
    expect(code.lastRequest).not.toContain('On another way.')
  })

  test('killed in the middle of a command, with a line cut off: the call is answered as interrupted and the session goes on', async () => {
    await using code = await CodeFixture.begin()
    await code.driver.open(code.repo)
    await code.driver.setMode('auto')
    const turn = code.driver.prompt(scripted([{ run: 'echo before the crash; sleep 30' }])).catch(String)
    await expect.poll(() => code.driver.calls().at(-1)?.text ?? '').toContain('before the crash')
    const transcript = path.join(code.data, 'sessions', `${code.driver.sessionId}.jsonl`)
    await code.restart('SIGKILL')
    await turn
    appendFileSync(transcript, '{"kind":"message","mess')
    await code.driver.resume(code.repo)
    expect((await code.driver.prompt(scripted([{ say: 'Alive.' }]))).stopReason).toBe('end_turn')
    expect(code.lastRequest).toContain('interrupted before it ended')
    const lines = readFileSync(transcript, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind)).toContain('message')
    await expect(
      code.driver.connection.agent.request('session/resume', { sessionId: '../../etc/passwd', cwd: code.repo }),
    ).rejects.toThrow('not found')
  })
})
