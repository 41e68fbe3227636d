import { expect, test } from 'vitest'
import { newId } from '@coppice/events'
import { LIMITS } from '../limits.ts'
import { renameSession } from '../testing/commands.ts'
import { Rates } from './rates.ts'

test('[SY-7] commands count one by one, and apart from other messages', () => {
  const rates = new Rates()
  const push = { t: 'push' as const, commands: Array.from({ length: 100 }, () => renameSession(newId(), newId(), 'x')) }
  // A margin, because time goes on meanwhile.
  const most = LIMITS.commandsEachSecond * LIMITS.rateSeconds * 2
  let excess: string | undefined
  for (let sent = 0; sent < most && excess === undefined; sent += 100) excess = rates.excess(push)
  expect(excess).toContain('(commandsEachSecond)')
  expect(rates.excess({ t: 'ping', n: 1 })).toBeUndefined()
})
