import { expect, test } from 'vitest'
import { costOf } from './cost.ts'
import { endpointsOf } from './endpoints.ts'
import { failureOf } from './failure.ts'
import { entryOf } from './known-models.ts'

test('what a status and the words beside it mean, and how long to wait', () => {
  const codes = ([401, 403, 429, 500, 529, 408, 404, 400] as const).map((status) => failureOf(status, 'no').code)
  expect(codes).toEqual([
    'sign_in',
    'sign_in',
    'rate_limited',
    'overloaded',
    'overloaded',
    'overloaded',
    'refused',
    'refused',
  ])
  for (const words of [
    'prompt is too long: 210000 tokens > 200000 maximum',
    "This model's maximum context length is 128000 tokens",
    'The input token count (1200000) exceeds the maximum number of tokens allowed',
  ])
    expect(failureOf(400, words).code).toBe('context_full')
  expect(failureOf(429, 'x', { 'retry-after': '7' }).retryAfterMs).toBe(7_000)
  expect(failureOf(429, 'x', { 'retry-after-ms': '250' }).retryAfterMs).toBe(250)
  expect(failureOf(429, 'x', { 'retry-after': 'soon' }).retryAfterMs).toBeUndefined()
  const date = new Date(Date.now() + 60_000).toUTCString()
  expect(failureOf(429, 'x', { 'retry-after': date }).retryAfterMs).toBeGreaterThan(50_000)
})

test('endpoints follow from the usual variables; a server of one’s own needs no key', () => {
  expect(endpointsOf({})).toEqual({})
  expect(endpointsOf({ OPENAI_BASE_URL: 'http://localhost:1234/v1/' })).toEqual({
    openai: { apiKey: 'none', baseURL: 'http://localhost:1234/v1' },
  })
  expect(endpointsOf({ ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'http://gate' }).anthropic?.baseURL).toBe(
    'http://gate/v1',
  )
  expect(endpointsOf({ GOOGLE_API_KEY: 'k' }).google?.baseURL).toMatch(/\/v1beta$/)
})

test('cost is tokens times the price of each kind; a price of one’s own wins; without one there is no cost', () => {
  const use = { input: 1_000_000, output: 100_000, cacheRead: 2_000_000, cacheWrite: 0 }
  expect(costOf(use, { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 2 })).toBeCloseTo(2.2)
  expect(entryOf('openai', 'some-local-model').price).toBeUndefined()
  expect(costOf(use, undefined)).toBeUndefined()
  const price = { input: 9, output: 9, cacheRead: 9, cacheWrite: 9 }
  expect(entryOf('openai', 'gpt-5', {}, { prices: { 'openai/gpt-5': price } }).price).toEqual(price)
})
