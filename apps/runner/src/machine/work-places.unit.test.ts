import { expect, test } from 'vitest'
import { WorkPlaces } from './work-places.ts'

test('sessions stand in line in the order in which they asked, hear where, and come one after the other', async () => {
  const places = new WorkPlaces(1, () => '')
  const said: string[] = []
  const looked: string[] = []
  const ask = (id: string): boolean =>
    places.ask(
      id,
      (text) => said.push(`${id}: ${text}`),
      () => looked.push(id),
    )
  expect([ask('a'), ask('b'), ask('c')]).toEqual([true, false, false])
  expect(said).toEqual([
    'b: First in line: 1 session works at a time on this runner.',
    'c: Second in line: 1 session works at a time on this runner.',
  ])
  // It has had its turn and asks again: behind the others.
  places.leave('a')
  await Promise.resolve()
  expect(looked).toEqual(['b'])
  expect([ask('a'), ask('c'), ask('b')]).toEqual([false, false, true])
  expect(said.slice(2)).toEqual([
    'a: Third in line: 1 session works at a time on this runner.',
    'b: ',
    'c: First in line: 1 session works at a time on this runner.',
    'a: Second in line: 1 session works at a time on this runner.',
  ])
  // One that gives up waiting leaves its place in line to those behind.
  places.leave('c')
  expect(said.at(-1)).toBe('a: First in line: 1 session works at a time on this runner.')
  expect(places.figures).toMatchObject({ working: 1, waiting: 1, most: 1 })
})

test('while the machine is short of something nobody begins, and everybody hears why; then it goes on by itself', async () => {
  let short = 'the disk is full'
  const places = new WorkPlaces(2, () => short)
  const said: string[] = []
  let looks = 0
  const ask = (): boolean =>
    places.ask(
      'a',
      (text) => said.push(text),
      () => {
        looks += 1
      },
    )
  expect(ask()).toBe(false)
  expect(said).toEqual(['First in line: the disk is full.'])
  // A turn that goes on after a restart is at work already.
  places.enter('resumed')
  short = ''
  places.look()
  await Promise.resolve()
  expect(looks).toBe(1)
  expect(ask()).toBe(true)
  expect(places.figures).toMatchObject({ working: 2, waiting: 0, most: 2 })
})
