import type { ProviderState } from '@coppice/events'
import { expect, test } from 'vitest'
import { preselected, providersOf } from './providers.ts'

const provider = (id: string, available: boolean, models = 1): ProviderState => ({
  id,
  name: id,
  available,
  reason: available ? '' : 'not installed',
  version: '1',
  models: Array.from({ length: models }, (_, i) => ({ id: `m${i}`, name: `m${i}` })),
})

test('Script is preselected where no model is set up', () => {
  const all = [provider('claude-code', false), provider('opencode', true, 0), provider('script', true)]
  expect(preselected(all, undefined)?.id).toBe('script')
})

test('what was used last comes first, as long as it is there', () => {
  const all = [provider('claude-code', true), provider('opencode', true), provider('script', true)]
  expect(preselected(all, 'opencode')?.id).toBe('opencode')
  expect(preselected(all, 'kilo')?.id).toBe('claude-code')
})

test('those that are there stand first', () => {
  const runner = {
    runnerId: 'r',
    name: 'r',
    host: 'h',
    gitVersion: '',
    providers: [provider('claude-code', false), provider('script', true), provider('codex', true)],
  }
  expect(providersOf(runner).map((one) => one.id)).toEqual(['codex', 'script', 'claude-code'])
})
