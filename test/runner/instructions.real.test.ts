import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256Hex, type Toggle } from '@coppice/events'
import { expect, test } from 'vitest'
import { keysFor, scripted, startModelEndpoint } from '../agents/model-endpoint.ts'
import { House, type SessionInHouse } from './house.ts'

const quirky = fileURLToPath(new URL('../agents/quirky-agent.ts', import.meta.url))

async function turn(session: SessionInHouse, nth: number, text: string): Promise<Record<string, unknown>> {
  if (nth > 1) await session.send(text)
  const { turnId } = (await session.until('turn.ended', nth, 60_000)).data
  return session.data('turn.instructed').find((one) => one['turnId'] === turnId) ?? {}
}

const set = (session: SessionInHouse, toggle: Toggle, on: boolean) =>
  session.command('session.setToggle', { toggle, on })
const lastWords = (session: SessionInHouse): string => String(session.data('message.added').at(-1)?.['text'])

test('[T-8] [T-9] toggles stand in Coppice Code’s system prompt from the next turn on; hash and text are in the log', async () => {
  const endpoint = await startModelEndpoint()
  await using house = await House.open(keysFor(endpoint))
  const say = scripted([{ say: 'Yes.' }])
  const session = await house.session(say, {
    provider: 'coppice-code',
    model: 'openai/test-1',
    toggles: ['edge_cases', 'docs'],
  })
  const first = await turn(session, 1, say)
  const system = (): string => JSON.stringify(endpoint.requests.at(-1)?.messages?.[0])
  expect(system()).toContain('Edge cases. Before you write code')
  expect(system()).toContain('Documentation. Find what')
  expect(first).toMatchObject({ way: 'system_prompt', sha256: sha256Hex(String(first['text'])) })
  expect(first['text']).toContain('Edge cases. Before you write code')
  const again = await turn(session, 2, say)
  expect(again).toEqual({ turnId: again['turnId'], way: 'system_prompt', sha256: first['sha256'] })
  await set(session, 'docs', false)
  const changed = await turn(session, 3, say)
  expect(changed['text']).toContain('Edge cases.')
  expect(changed['text']).not.toContain('Documentation.')
  expect(system()).toContain('Edge cases. Before you write code')
  expect(system()).not.toContain('Documentation. Find what')
  // The agent began anew with the other prompt, and remembers what was said.
  expect(JSON.stringify(endpoint.requests.at(-1)?.messages).match(/Yes\./g)?.length).toBeGreaterThan(1)
  await endpoint.close()
})

test('[T-8] an agent that takes a system prompt with its session gets it there; any other before the first prompt of its conversation', async () => {
  await using house = await House.open()
  const agent = (odd: string) => ({ name: odd, command: process.execPath, args: [quirky, odd] })
  const settings = { 'with-prompt': agent('system-prompt'), without: agent('plain') }
  writeFileSync(path.join(house.runnerData, 'providers.json'), JSON.stringify(settings))
  const options = { model: '', toggles: ['verification' as const] }
  const given = await house.session('Hello.', { ...options, provider: 'with-prompt' })
  expect(await turn(given, 1, '')).toMatchObject({ way: 'system_prompt' })
  expect(lastWords(given)).toMatch(
    /^\{"mode":"append","content":\[\{"type":"text","text":"# How to work[^]*Verification\. Go through[^]*"\}\]\} Hello\.$/,
  )
  const told = await house.session('Hello.', { ...options, provider: 'without' })
  const first = await turn(told, 1, '')
  expect(first).toMatchObject({ way: 'first_prompt' })
  expect(lastWords(told)).toBe(`${String(first['text'])}\n\n# The message\n\nHello.`)
  expect(await turn(told, 2, 'Again.')).not.toHaveProperty('text')
  expect(lastWords(told)).toBe('Again.')
  await set(told, 'verification', false)
  expect(await turn(told, 3, 'Now?')).toMatchObject({ text: '' })
  expect(lastWords(told)).toMatch(/no longer count[^]*Now\?$/)
  // It was told that nothing counts any more; there is nothing to tell again.
  expect(await turn(told, 4, 'And now?')).toMatchObject({ sha256: sha256Hex('') })
  expect(lastWords(told)).toBe('And now?')
  const plain = await house.session('Hello.', { model: '', provider: 'without' })
  expect(await turn(plain, 1, '')).toEqual({})
  expect(lastWords(plain)).toBe('Hello.')
})
