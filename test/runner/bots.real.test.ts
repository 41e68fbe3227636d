import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { botStream, newId, type CommandData } from '@coppice/events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { House } from './house.ts'

const quirky = fileURLToPath(new URL('../agents/quirky-agent.ts', import.meta.url))

let house: House
beforeEach(async () => {
  house = await House.open()
})
afterEach(() => house[Symbol.asyncDispose]())

async function makeBot(of: Partial<CommandData<'bot.create'>>): Promise<string> {
  const botId = newId()
  const { workspaceId } = house
  const whole = { name: 'Guide', prompt: 'You know this house.', provider: 'script', model: 'script', readOnly: true }
  const data = { botId, workspaceId, ...whole, ...of }
  expect(await house.command(botStream(botId), 'bot.create', data)).toBeUndefined()
  return botId
}

describe('a Bot session', () => {
  test('[S-5] [BOT-2] is led by a bot of the workspace: a read-only one reads, and changes nothing even in Auto; one that may write does', async () => {
    const steps = '```file path=made.txt\nmade\n```\n```sh\ntouch ran.txt\n```\n```read\nREADME.md\n```'
    const reader = await house.session(steps, { mode: 'bot', botId: await makeBot({}) })
    await reader.until('turn.ended', 1, 60_000)
    expect(existsSync(path.join(reader.worktree, 'made.txt'))).toBe(false)
    expect(existsSync(path.join(reader.worktree, 'ran.txt'))).toBe(false)
    expect(reader.data('approval.requested')).toEqual([])
    const writer = await house.session(steps, { mode: 'bot', botId: await makeBot({ readOnly: false }) })
    await writer.until('turn.ended', 1, 60_000)
    expect(existsSync(path.join(writer.worktree, 'made.txt'))).toBe(true)
    // Its worktree lasts, as that of a Chat does.
    expect(writer.worktree).not.toBe(reader.worktree)
    expect(writer.types).not.toContain('worktree.archived')
  })

  test('[BOT-2] an agent that writes without asking does not get past it: its files are put back, and what it did is kept', async () => {
    const sneaky = fileURLToPath(new URL('../agents/sneaky-agent.ts', import.meta.url))
    writeFileSync(
      path.join(house.runnerData, 'providers.json'),
      JSON.stringify({ sneaky: { name: 'Sneaky', command: process.execPath, args: [sneaky] } }),
    )
    const botId = await makeBot({ provider: 'sneaky', model: '' })
    const session = await house.session('Look around.', { mode: 'bot', botId, provider: 'sneaky', model: '' })
    await session.until('turn.ended', 1, 60_000)
    expect(existsSync(path.join(session.worktree, 'sneaked.txt'))).toBe(false)
    const kept = session.data('checkpoint.created').find((one) => one['reason'] === 'turn_end')
    expect(house.at.git(['ls-tree', '--name-only', String(kept?.['commit'])])).toContain('sneaked.txt')
    expect(session.data('message.added').map((one) => one['text'])).toContainEqual(
      expect.stringContaining('This bot only reads, and files had changed'),
    )
    expect(session.data('checkpoint.created').at(-1)).toMatchObject({ fileCount: 0 })
  })

  test('[S-5] what the bot is for stands in what its agent is told, as it is now; an archived bot and one that is not there begin nothing', async () => {
    const agent = { name: 'plain', command: process.execPath, args: [quirky, 'plain'] }
    writeFileSync(path.join(house.runnerData, 'providers.json'), JSON.stringify({ plain: agent }))
    const of = { provider: 'plain', model: '' }
    const botId = await makeBot({ ...of, prompt: 'You are the guide of the north wing.' })
    const session = await house.session('Where am I?', { mode: 'bot', botId, ...of })
    await session.until('turn.ended', 1, 60_000)
    const told = (): string => String(session.data('turn.instructed').at(-1)?.['text'])
    expect(told()).toMatch(/^You are the guide of the north wing\.[^]*You may read and search/)
    const edited = { name: 'Guide', prompt: 'You are the guide of the south wing.', ...of, readOnly: true }
    expect(await house.command(botStream(botId), 'bot.edit', edited)).toBeUndefined()
    await session.send('And now?')
    await session.until('turn.ended', 2, 60_000)
    expect(told()).toMatch(/^You are the guide of the south wing\./)
    expect(await house.command(botStream(botId), 'bot.archive', { archived: true })).toBeUndefined()
    expect(await house.command(botStream(botId), 'bot.edit', edited)).toMatchObject({ code: 'wrong_state' })
    const late = await house.session('Hello?', { mode: 'bot', botId, ...of })
    expect((await late.until('worktree.failed', 1, 60_000)).data['message']).toMatch(/Guide is archived/)
    const nobody = await house.session('Hello?', { mode: 'bot', botId: newId(), ...of })
    expect((await nobody.until('worktree.failed', 1, 60_000)).data['message']).toMatch(/no such bot/)
    // A bot's session goes on when the bot is archived: it is its sessions that end it.
    await session.send('Still there?')
    await session.until('turn.ended', 3, 60_000)
    await expect(house.session('x', { mode: 'bot', ...of })).rejects.toThrow(/names its bot/)
    await expect(house.session('x', { mode: 'chat', botId, ...of })).rejects.toThrow(/names its bot/)
  })
})
