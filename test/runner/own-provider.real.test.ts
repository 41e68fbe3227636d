import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { allProviders, providerById } from '../../apps/runner/src/agents/providers.ts'
import { temporaryRepository } from '../../apps/runner/src/git/temporary-repository.ts'
import { House } from './house.ts'

const quirky = fileURLToPath(new URL('../agents/quirky-agent.ts', import.meta.url))

test('[BE-11] any agent that speaks the protocol works by a few lines of settings, found with its version and models', async () => {
  await using house = await House.open()
  await house.stopRunner()
  const mine = { name: 'My agent', command: process.execPath, args: [quirky, 'old-models'], env: { A_SETTING: '1' } }
  writeFileSync(path.join(house.runnerData, 'providers.json'), JSON.stringify({ 'my-agent': mine }))
  await house.startRunner()
  const found = (await allProviders(house.runnerData)).find(({ id }) => id === 'my-agent')
  expect(await found?.detect(process.env, house.runnerData)).toEqual({
    id: 'my-agent',
    name: 'My agent',
    version: '3.2.1',
    available: true,
    reason: '',
    models: [
      { id: 'old-1', name: 'Old 1' },
      { id: 'old-2', name: 'Old 2' },
    ],
  })
  const session = await house.session('Hello, agent.', { provider: 'my-agent', model: 'old-2', stepMode: 'auto' })
  const ended = await session.until('turn.ended', 1, 60_000)
  expect(ended.data).toMatchObject({ outcome: 'completed' })
  expect(session.data('message.added').at(-1)?.['text']).toBe('model old-2 Hello, agent.')
})

test('a limit that ends soon is waited for, and the agent goes on by itself; a stop ends the waiting', async () => {
  await using house = await House.open()
  const agent = (odd: string) => ({ name: odd, command: process.execPath, args: [quirky, odd] })
  const settings = { once: agent('limited-once'), long: agent('limited-long') }
  writeFileSync(path.join(house.runnerData, 'providers.json'), JSON.stringify(settings))
  const soon = await house.session('Begin.', { provider: 'once', model: '', stepMode: 'auto' })
  const ended = await soon.until('turn.ended', 1, 60_000)
  expect(ended.data).toMatchObject({ outcome: 'completed' })
  const [told, answer] = soon.data('message.added')
  expect(told).toMatchObject({
    kind: 'system',
    text: expect.stringMatching(/enough for now[^]*goes on by itself at 20/) as string,
  })
  expect(answer).toMatchObject({ kind: 'agent', text: 'went on: Please continue where you stopped.' })
  const long = await house.session('Begin.', { provider: 'long', model: '', stepMode: 'auto' })
  const { turnId } = (await long.until('turn.started')).data
  await long.until('message.added', 1, 60_000)
  await long.command('turn.stop', { turnId: String(turnId) })
  expect((await long.until('turn.ended', 1, 60_000)).data).toMatchObject({ outcome: 'stopped', message: 'Stopped.' })
})

test('settings that are wrong say what is wrong, and keep no other provider away', async () => {
  using at = temporaryRepository()
  mkdirSync(at.root, { recursive: true })
  const reasons = async (text: string): Promise<string[]> => {
    writeFileSync(path.join(at.root, 'providers.json'), text)
    const all = await allProviders(at.root)
    expect(all.slice(0, 8).map(({ id }) => id)).toContain('script')
    const own = all.slice(8)
    return Promise.all(own.map(async (one) => (await one.detect(process.env, at.root)).reason))
  }
  expect(await reasons('{ not json')).toEqual([expect.stringContaining('providers.json cannot be read')])
  expect(await reasons('{"Big Name": {}}')).toEqual([expect.stringContaining('small letters, digits and "-"')])
  expect(await reasons('{"mine": {"name": "Mine", "comand": "x"}}')).toEqual([expect.stringContaining('command')])
  expect(await reasons('{"opencode": {"name": "Mine", "command": "x"}}')).toEqual([
    expect.stringContaining('the name of a known provider'),
  ])
  expect(await reasons('{"mine": {"name": "Mine", "command": "/nowhere/mine"}}')).toEqual([
    expect.stringContaining('Mine is not installed. Install /nowhere/mine, or correct "command"'),
  ])
  expect(await providerById('nobody', at.root)).toBeUndefined()
})
