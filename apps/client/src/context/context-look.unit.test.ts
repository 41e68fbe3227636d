import { expect, test } from 'vitest'
import { contextLook } from './context-look.ts'

test('[C-5] the context bar is amber above 80 % and not at it, red at 100 %', () => {
  expect([0, 0.79, 0.8, 0.801, 0.999, 1, 1.2].map(contextLook)).toEqual([
    undefined,
    undefined,
    undefined,
    'warn',
    'warn',
    'full',
    'full',
  ])
})
