import { afterAll, beforeAll, expect, test } from 'vitest'
import { House, type SessionInHouse } from './house.ts'

let house: House
beforeAll(async () => {
  house = await House.open()
})
afterAll(() => house[Symbol.asyncDispose]())

const conflictsOf = (session: SessionInHouse) => session.state.conflicts ?? []
const edit = (line: string): string => `\`\`\`sh\nsed -i 's/^two$/${line}/' src/a.txt\n\`\`\``

test('[BE-13] two open sessions that change the same line are both told after the checkpoint, with the file; a third one is not; it clears when one gives way', async () => {
  const first = await house.session(edit('first'))
  await first.until('turn.ended')
  const bystander = await house.session('```file path=other.txt\nx\n```')
  await bystander.until('turn.ended')
  expect(first.types).not.toContain('conflicts.found')
  const second = await house.session(edit('second'))
  await second.until('turn.ended')
  const found = { timeout: 60_000 }
  await expect.poll(() => conflictsOf(second), found).toEqual([{ sessionId: first.id, files: ['src/a.txt'] }])
  await expect.poll(() => conflictsOf(first), found).toEqual([{ sessionId: second.id, files: ['src/a.txt'] }])
  expect(bystander.types).not.toContain('conflicts.found')
  // It puts the line back: both are told that it is gone.
  await second.send("```sh\nsed -i 's/^second$/two/' src/a.txt\n```")
  await second.until('turn.ended', 2)
  await expect.poll(() => conflictsOf(second), found).toEqual([])
  await expect.poll(() => conflictsOf(first), found).toEqual([])
  // Again, and then one of them is ended.
  await second.send(edit('again'))
  await expect.poll(() => conflictsOf(first), found).toEqual([{ sessionId: second.id, files: ['src/a.txt'] }])
  await second.until('turn.ended', 3)
  await second.command('session.end', { outcome: 'canceled' })
  await second.until('session.ended')
  await expect.poll(() => conflictsOf(first), found).toEqual([])
})
