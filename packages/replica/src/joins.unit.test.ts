import { expect, test } from 'vitest'
import { Joins, type Wanted } from './joins.ts'

const wanted = (name: string): Wanted => ({ log: 'workspace:w', stream: `session/${name}` })

function joins(others: Wanted[] = []) {
  const sent: { name: string; n: number }[] = []
  const state = { connected: true }
  const made = new Joins({
    send: ({ stream }, n) => {
      if (state.connected) sent.push({ name: stream.slice('session/'.length), n })
      return state.connected
    },
    others: () => others.shift(),
  })
  return { made, sent, state }
}

test('[LF-12] a back-fill that an earlier subscription still sends is not taken for the answer to this one', () => {
  const { made, sent } = joins()
  made.ask(wanted('a'))
  expect(made.awaits(1)).toBe(true)
  // The subscription ended with the answer on its way; on the next one the same session is asked for again.
  made.interrupted()
  expect(made.awaits(1)).toBe(false)
  made.next()
  expect(sent).toEqual([
    { name: 'a', n: 1 },
    { name: 'a', n: 2 },
  ])
  expect(made.awaits(1)).toBe(false)
  expect(made.awaits(2)).toBe(true)
})

test('[LF-12] what somebody opens goes before what is only filled up, one at a time, and each once', () => {
  const { made, sent } = joins([wanted('old'), wanted('older')])
  made.next()
  made.ask(wanted('opened'))
  made.ask(wanted('opened later'))
  made.ask(wanted('opened'))
  expect(sent.map(({ name }) => name)).toEqual(['old'])
  made.done(wanted('old'))
  made.done(wanted('opened'))
  made.done(wanted('opened later'))
  expect(sent.map(({ name }) => name)).toEqual(['old', 'opened', 'opened later', 'older'])
})

test('[LF-12] what could not be sent, or whose log was given up, is not waited for', () => {
  const { made, sent, state } = joins()
  state.connected = false
  made.ask(wanted('a'))
  expect(made.awaits(1)).toBe(false)
  state.connected = true
  made.next()
  expect(made.awaits(2)).toBe(true)
  made.forget('workspace:w')
  expect(made.awaits(2)).toBe(false)
  made.next()
  expect(sent).toEqual([{ name: 'a', n: 2 }])
})
