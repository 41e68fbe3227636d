import { sha256Hex } from '@coppice/events'
import { journalOf, type Journal, type JournalEntry } from './journal.ts'

/** Spans that wait to be sent; of more the newest are let go. */
const WAITING_MOST = 2_048
const SEND_MS = 1_000
const SEND_MOST = 512
const PATIENCE_MS = 10_000

/** Facts that say how long something took: what it was, and the field that says which. */
const TOOK: Readonly<Record<string, { readonly name: string; readonly id: string }>> = {
  'turn.ended': { name: 'turn', id: 'turnId' },
  'tool.finished': { name: 'tool', id: 'toolId' },
}

/** Where traces go: an OpenTelemetry collector's OTLP over HTTP, in JSON. */
interface TraceTarget {
  /** Of the spans, whole: `http://collector:4318/v1/traces`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The journal of a process by its environment: lines where COPPICE_LOG asks for them, traces where OpenTelemetry's own
 * variables name a collector.
 *
 * @param write takes a line without its end: of the journal, or what is wrong with the traces.
 */
export function openJournal(
  part: string,
  env: Readonly<Record<string, string | undefined>>,
  write: (line: string) => void,
): { readonly journal: Journal; close(): Promise<void> } {
  const lines = journalOf(part, env['COPPICE_LOG'], write)
  const target = traceTarget(env)
  if (target === undefined) return { journal: lines, close: async () => undefined }
  const traces = new Traces(part, target, write)
  const journal: Journal = (level, entry) => {
    lines(level, entry)
    traces.journal(entry)
  }
  return { journal, close: () => traces.close() }
}

/** The target that OpenTelemetry's own variables name; undefined if they name none, which is the usual case. */
function traceTarget(env: Readonly<Record<string, string | undefined>>): TraceTarget | undefined {
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT']
  const url = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || (base && `${base.replace(/\/+$/, '')}/v1/traces`)
  if (!url) return undefined
  const given = env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] || env['OTEL_EXPORTER_OTLP_HEADERS'] || ''
  const pairs = given.split(',').flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=')
    return at < 1 ? [] : [[pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]]
  })
  return { url, headers: Object.fromEntries(pairs) }
}

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, string | number>> }[]
}

/**
 * A journal whose entries become spans: a trace is all that one click caused. Its id is the correlation id's hexadecimal
 * digits. A command is a span as long as its answer took; a turn and a tool call are one from their beginning to their end. Only
 * what a journal holds is told: ids, kinds and outcomes.
 *
 * What cannot be sent is let go, and said once until it can be again.
 */
class Traces {
  readonly #part: string
  readonly #target: TraceTarget
  readonly #say: (line: string) => void
  #waiting: Span[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #sending: Promise<void> = Promise.resolve()
  #fails = false

  constructor(part: string, target: TraceTarget, say: (line: string) => void) {
    this.#part = part
    this.#target = target
    this.#say = say
  }

  journal(entry: JournalEntry): void {
    const span = this.#span(entry, Date.now())
    if (span === undefined || this.#waiting.length >= WAITING_MOST) return
    this.#waiting.push(span)
    if (this.#waiting.length >= SEND_MOST) this.#send()
    else this.#timer ??= setTimeout(() => this.#send(), SEND_MS)
  }

  /** Settles when what waits was sent, or could not be. */
  async close(): Promise<void> {
    this.#send()
    await this.#sending
  }

  #span(entry: JournalEntry, now: number): Span | undefined {
    const { what, correlationId, ...fields } = entry
    if (correlationId === undefined) return undefined
    const type = textOf(fields['type'])
    const took = this.#part === 'runner' ? TOOK[type] : undefined
    const spanId =
      what === 'command'
        ? commandSpan(textOf(fields['commandId']))
        : spanIdOf(took ? `${took.id} ${textOf(fields[took.id])}` : this.#words(entry))
    // A turn's for what is of a turn, else the click's.
    const turn = took?.name === 'turn' || this.#part !== 'runner' ? undefined : fields['turnId']
    const parent = turn === undefined ? commandSpan(correlationId) : spanIdOf(`turnId ${textOf(turn)}`)
    return {
      traceId: traceIdOf(correlationId),
      spanId,
      ...(parent !== spanId && { parentSpanId: parent }),
      name: took?.name ?? `${what} ${type}`.trimEnd(),
      kind: this.#part === 'server' && what === 'command' ? SERVER : INTERNAL,
      startTimeUnixNano: nanos(now - Number(fields['ms'] ?? 0)),
      endTimeUnixNano: nanos(now),
      attributes: [['correlationId', correlationId] as const, ...Object.entries(fields)].flatMap(([name, value]) =>
        value === undefined
          ? []
          : [
              {
                key: `coppice.${name}`,
                value: typeof value === 'number' ? { doubleValue: value } : { stringValue: value },
              },
            ],
      ),
    }
  }

  /** What tells an entry from all others. */
  #words({ what, eventId, commandId, stream, to, outcome }: JournalEntry): string {
    return [this.#part, what, eventId, commandId, stream, to, outcome].join(' ')
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const spans = this.#waiting
    this.#waiting = []
    if (spans.length > 0) this.#sending = this.#sending.then(() => this.#post(spans))
  }

  async #post(spans: readonly Span[]): Promise<void> {
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: `coppice-${this.#part}` } }] }
    const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'coppice' }, spans }] }] })
    const problem = await fetch(this.#target.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.#target.headers },
      body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).then(
      (answer) => (answer.ok ? undefined : `it answers with status ${answer.status}`),
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    if (problem !== undefined && !this.#fails)
      this.#say(
        `Traces cannot be sent to ${this.#target.url}: ${problem}. They are let go until it takes them; nothing else changes.`,
      )
    this.#fails = problem !== undefined
  }
}

const INTERNAL = 1
const SERVER = 2

const textOf = (value: string | number | undefined): string => (value === undefined ? '' : String(value))
const commandSpan = (commandId: string): string => spanIdOf(`command ${commandId}`)
const spanIdOf = (of: string): string => sha256Hex(of).slice(0, 16)
const nanos = (ms: number): string => `${Math.max(0, Math.round(ms))}000000`

/** The digits of an id that is a UUID; of another its hash. */
function traceIdOf(correlationId: string): string {
  const digits = correlationId.replaceAll('-', '').toLowerCase()
  return /^[0-9a-f]{32}$/.test(digits) ? digits : sha256Hex(correlationId).slice(0, 32)
}
