import { newId } from '@coppice/events'
import { expect, test } from 'vitest'
import { House } from './house.ts'

test('[G-13] operations that are asked for at once run in the order of asking: all is staged, then committed, then merged', async () => {
  await using house = await House.open()
  const author = { name: 'Ann', email: 'ann@example.org' }
  for (let n = 1; n <= 4; n += 1) {
    const session = await house.session(`\`\`\`file path=try-${n}.txt\n${n}\n\`\`\``)
    await session.until('turn.ended', 1, 60_000)
    const asked = [
      { kind: 'stage' as const, paths: [] },
      { kind: 'commit' as const, message: `Try ${n}`, author },
      { kind: 'merge' as const, strategy: 'squash' as const },
    ].map((operation) => session.command('git.request', { operationId: newId(), operation }))
    expect(await Promise.all(asked)).toEqual([undefined, undefined, undefined])
    await session.until('git.completed', 3, 60_000)
    expect(session.data('git.failed')).toEqual([])
    expect(house.at.git(['show', `main:try-${n}.txt`]).trim()).toBe(String(n))
  }
}, 240_000)
