import { expect, test } from 'vitest'
import { House } from './house.ts'

interface Line {
  readonly part: string
  readonly what: string
  readonly type: string
  readonly correlationId: string
  readonly toolId?: string
}

test('[OB-1] a click is followed to the tool call it caused, through the journals of server and runner and the events', async () => {
  await using house = await House.open({ COPPICE_LOG: 'info' })
  const session = await house.session('First.\n```sh\ntrue\n```')
  await session.until('turn.ended')
  await session.send('A secret thing.\n```sh\necho second\n```')
  await session.until('turn.ended', 2)

  const sent = session.events.filter(({ type }) => type === 'message.queued')[1]
  const { correlationId } = sent ?? {}
  const caused = session.events.filter((event) => event.correlationId === correlationId).map(({ type }) => type)
  expect(caused).toEqual(
    expect.arrayContaining(['message.queued', 'turn.started', 'tool.started', 'tool.finished', 'turn.ended']),
  )
  const journals = (): readonly string[] =>
    [...house.serverSaid, ...house.runnerSaid].filter((line) => line.startsWith('{'))
  const ofClick = (): readonly Line[] =>
    journals()
      .map((line) => JSON.parse(line) as Line)
      .filter((line) => line.correlationId === correlationId)
  const of = (part: string) =>
    ofClick()
      .filter((line) => line.part === part)
      .map(({ what, type }) => `${what} ${type}`)
  // What a process says of an event comes by another way than the event.
  await expect
    .poll(() => of('server'))
    .toEqual(expect.arrayContaining(['command message.send', 'observed tool.started']))
  await expect
    .poll(() => of('runner'))
    .toEqual(expect.arrayContaining(['observed tool.started', 'observed turn.ended']))
  const [all, lines] = [journals(), ofClick()]
  const tool = session.events.find((event) => event.type === 'tool.started' && event.correlationId === correlationId)
  expect(lines.find(({ type }) => type === 'tool.started' && tool)?.correlationId).toBe(correlationId)
  expect(lines.some(({ toolId }) => toolId === tool?.data['toolId'])).toBe(true)
  // The first turn was another click's.
  expect(session.data('tool.started')).toHaveLength(2)
  expect(lines.filter(({ part, type }) => part === 'runner' && type === 'tool.started')).toHaveLength(1)
  expect(all.join('\n')).not.toContain('secret thing')

  // The turn's record is its click's, too: in the journals of both, and in its own first line.
  const ended = session.events.filter(({ type }) => type === 'turn.ended')[1]
  const stream = (ended?.data['record'] as { stream: string } | undefined)?.stream ?? '-'
  const said = (part: 'server' | 'runner', what: string) =>
    (part === 'server' ? house.serverSaid : house.runnerSaid).some(
      (line) => line.includes(`"what":"${what}"`) && line.includes(`${correlationId}`) && line.includes(stream),
    )
  await expect.poll(() => said('server', 'appended') && said('runner', 'recorded'), { timeout: 60_000 }).toBe(true)
  const record = await fetch(`${house.started.url}/streams/${house.workspaceId}/${stream}`, {
    headers: { authorization: `Bearer ${house.started.ownerToken}` },
  })
  expect((await record.text()).split('\n')[0]).toContain(`"correlationId":"${correlationId}"`)
})
