import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { House } from './house.ts'

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[]
}
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Span['attributes'] }
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[]
  }[]
}

/** What a collector of OpenTelemetry takes over HTTP, in JSON. */
class Collector {
  readonly spans: (Span & { readonly service: string })[] = []
  readonly keys: string[] = []
  readonly texts: string[] = []
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => {
      let text = ''
      request.on('data', (part) => (text += String(part)))
      request.on('end', () => {
        this.texts.push(text)
        this.keys.push(`${request.method} ${request.url} ${request.headers['x-key']}`)
        for (const { resource, scopeSpans } of (JSON.parse(text) as Export).resourceSpans)
          for (const { spans } of scopeSpans)
            for (const span of spans)
              this.spans.push({ ...span, service: resource.attributes[0]?.value.stringValue ?? '' })
        response.end('{}')
      })
    })
  }

  static async listen(): Promise<Collector> {
    const collector = new Collector()
    collector.#server.listen(0, '127.0.0.1')
    await once(collector.#server, 'listening')
    return collector
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

let collector: Collector | undefined
afterEach(() => collector?.close())

test('[OB-1] a collector that the environment names gets a trace for each click: command, turn, tool call, and what was recorded', async () => {
  collector = await Collector.listen()
  const { spans, keys, texts, url } = collector
  await using house = await House.open({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=of%20ours',
  })
  const session = await house.session('First.')
  await session.until('turn.ended')
  await session.send('A secret thing.\n```sh\necho "key: $OTEL_EXPORTER_OTLP_HEADERS"; sleep 0.3\n```')
  await session.until('turn.ended', 2)

  const click = session.events.filter(({ type }) => type === 'message.queued')[1]?.correlationId ?? ''
  const traceId = click.replaceAll('-', '')
  const of = (service: string, name: string) =>
    spans.find((span) => span.traceId === traceId && span.service === `coppice-${service}` && span.name === name)
  await expect.poll(() => of('runner', 'recorded') && of('server', 'appended'), { timeout: 60_000 }).toBeDefined()
  await expect
    .poll(() => of('runner', 'turn') && of('server', 'observed turn.ended'), { timeout: 60_000 })
    .toBeDefined()
  // Server and runner send theirs when they have some: in no order.
  await expect.poll(() => of('server', 'command message.send') && of('runner', 'tool')).toBeDefined()
  const [root, turn, tool] = [of('server', 'command message.send'), of('runner', 'turn'), of('runner', 'tool')]
  expect(root).toMatchObject({ kind: 2 })
  expect(root?.parentSpanId).toBeUndefined()
  expect(turn?.parentSpanId).toBe(root?.spanId)
  expect(tool?.parentSpanId).toBe(turn?.spanId)
  const lasted = (span: Span | undefined) =>
    (BigInt(span?.endTimeUnixNano ?? 0) - BigInt(span?.startTimeUnixNano ?? 0)) / 1_000_000n
  expect(lasted(tool)).toBeGreaterThanOrEqual(250n)
  expect(lasted(turn)).toBeGreaterThanOrEqual(lasted(tool))
  expect(of('runner', 'recorded')?.parentSpanId).toBe(turn?.spanId)
  await expect.poll(() => of('server', 'observed turn.ended') && of('server', 'command turn.start')).toBeDefined()
  // All in the trace hangs on something that is in it.
  const loose = (): readonly Span[] => {
    const ids = new Set(spans.map(({ spanId }) => spanId))
    return spans.filter((span) => span.traceId === traceId && !ids.has(span.parentSpanId ?? root?.spanId ?? ''))
  }
  await expect.poll(loose).toEqual([])
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
  expect(new Set(keys)).toEqual(new Set(['POST /v1/traces of ours']))
  expect(texts.join('\n')).not.toContain('secret thing')
  // The collector and its key are not the agent's.
  expect(JSON.stringify(session.events)).toContain('key: ')
  expect(JSON.stringify(session.events)).not.toContain('of%20ours')
})

test('a collector that is not there is said once, and changes nothing', async () => {
  await using house = await House.open({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces' })
  const session = await house.session('First.')
  await session.until('turn.ended')
  await session.send('Second.')
  await session.until('turn.ended', 2)
  await expect.poll(() => house.serverSaid.filter((line) => line.includes('Traces cannot be sent')).length).toBe(1)
})
