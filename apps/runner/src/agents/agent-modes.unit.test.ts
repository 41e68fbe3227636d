import { expect, test } from 'vitest'
import { AgentModes } from './agent-modes.ts'
import type { SessionChoices } from './session-choices.ts'

const choices = (mode: string, ids: readonly string[]): SessionChoices => ({
  models: [],
  model: '',
  modelOption: undefined,
  modes: ids.map((id) => ({ id, name: id })),
  mode,
  modeOption: undefined,
})

async function asked(modes: AgentModes, wanted: Parameters<AgentModes['enter']>[0]): Promise<[boolean, unknown[]]> {
  const requests: unknown[] = []
  const known = await modes.enter(wanted, ({ params }) => Promise.resolve(requests.push(params)))
  return [known, requests]
}

test('[D-6] an agent goes into its own plan mode and back into the one it works in, and is asked only where that changes', async () => {
  const modes = new AgentModes(choices('default', ['default', 'plan']), 's1', {})
  expect(await asked(modes, 'usual')).toEqual([true, []])
  expect(await asked(modes, 'plan')).toEqual([true, [{ sessionId: 's1', modeId: 'plan' }]])
  expect(await asked(modes, 'plan')).toEqual([true, []])
  expect(await asked(modes, 'usual')).toEqual([true, [{ sessionId: 's1', modeId: 'default' }]])
})

test('one without a plan mode stays as it is, and says so; one that begins in it works in another', async () => {
  const none = new AgentModes(choices('', []), 's1', {})
  expect(await asked(none, 'plan')).toEqual([false, []])
  const resumed = new AgentModes(choices('plan', ['plan', 'build']), 's1', {})
  expect(await asked(resumed, 'usual')).toEqual([true, [{ sessionId: 's1', modeId: 'build' }]])
  const asks = new AgentModes(choices('auto', ['auto', 'default']), 's1', { askMode: 'default' })
  expect(await asked(asks, 'usual')).toEqual([true, []])
  expect(await asked(asks, 'strict')).toEqual([false, []])
})
