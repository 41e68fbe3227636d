import { expect, test, vi } from 'vitest'
import { SerialQueue } from './serial-queue.ts'

test('tasks run one after another in the order given, and those that go first before all that waits', async () => {
  const queue = new SerialQueue()
  const began: string[] = []
  let running = 0
  const task = (name: string) => async (): Promise<string> => {
    began.push(name)
    running += 1
    expect(running).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 1))
    running -= 1
    return name
  }
  const a = queue.run(task('a'))
  const b = queue.run(task('b'))
  const c = queue.run(task('c'))
  await expect.poll(() => began).toEqual(['a'])
  const first = queue.runFirst(task('first'))
  const second = queue.runFirst(task('second'))
  expect(await Promise.all([a, b, c, first, second])).toEqual(['a', 'b', 'c', 'first', 'second'])
  expect(began).toEqual(['a', 'first', 'second', 'b', 'c'])
  expect(await queue.run(task('later'))).toBe('later')
})

test('a task that fails rejects its own promise, is written down, and does not stop the next', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const queue = new SerialQueue()
  const failed = queue.run(() => Promise.reject(new Error('no room')))
  const next = queue.run(() => 'next')
  await expect(failed).rejects.toThrow('no room')
  expect(await next).toBe('next')
  expect(told).toHaveBeenCalledOnce()
  told.mockRestore()
})
