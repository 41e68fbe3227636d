import { asSessionEvent, type ObservationData, type RecordedEvent } from '@coppice/events'

/** How a turn that an earlier process began goes on in this one. */
export type Resumption = {
  readonly cause: ObservationData<'turn.resumed'>['cause']
  /** The earlier process had given the agent its prompt: only an agent that remembers it may go on. */
  readonly asked: boolean
  /** What that agent is told; empty where it was not asked. */
  readonly prompt: string
  /** The raw record of the run that was cut off. */
  readonly record: ObservationData<'turn.resumed'>['record']
}

/** So often a turn goes on by itself; one that takes its runner down each time would do so for ever. */
export const mostResumptions = 3

const mostSteps = 200
const mostOfStep = 300

type Step = { words: string; outcome: string; waited: boolean }

/**
 * What an agent is told that was cut off in the middle of its turn: which steps were completed and must not be done again,
 * which had begun, which only waited for a person.
 *
 * @param events of the session up to now, in order
 * @param text the message that the turn is about, said again only where nothing was heard of the agent: it may not have it
 */
export function resumingPrompt(events: readonly RecordedEvent[], turnId: string, text: string): string {
  const steps = new Map<string, Step>()
  let heard = false
  for (const recorded of events) {
    const event = asSessionEvent(recorded)
    if (!event || !('turnId' in event.data) || event.data.turnId !== turnId) {
      if (event?.type === 'approval.withdrawn' && event.data.reason === 'restart') wait(steps, event.data.toolId)
      continue
    }
    if (event.type === 'message.added' && event.data.kind !== 'system') heard = true
    if (event.type === 'tool.started') {
      heard = true
      const { toolId, title, target } = event.data
      steps.set(toolId, { words: cut(`${title} ${target}`), outcome: 'aborted', waited: false })
    }
    if (event.type === 'tool.finished') {
      const { toolId, outcome, title, target, exitCode } = event.data
      const known = steps.get(toolId)
      const code = typeof exitCode === 'number' && exitCode !== 0 ? `, exit code ${exitCode}` : ''
      steps.set(toolId, {
        words: title === undefined ? (known?.words ?? 'a step') : cut(`${title} ${target ?? ''}`),
        outcome: outcome === 'aborted' ? outcome : `${outcome}${code}`,
        waited: known?.waited ?? false,
      })
    }
  }
  return words([...steps.values()], heard ? undefined : text)
}

function wait(steps: Map<string, Step>, toolId: string): void {
  const known = steps.get(toolId)
  if (known) steps.set(toolId, { ...known, waited: true })
}

function words(steps: readonly Step[], text: string | undefined): string {
  const completed = steps.filter(({ outcome }) => outcome !== 'aborted')
  const waited = steps.filter(({ outcome, waited }) => outcome === 'aborted' && waited)
  const begun = steps.filter(({ outcome, waited }) => outcome === 'aborted' && !waited)
  return [
    'Your turn was cut off in the middle: the program that runs you was restarted. Go on with it from where you were.',
    list('These steps of it were completed. Do not do them again:', completed, true),
    list('These had begun and were cut off. They may have had effects: look before you do one again.', begun, false),
    list('These waited for a person and were not done. Ask again for what you still need:', waited, false),
    text === undefined ? '' : `This is the message that you were working on:\n\n${text}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function list(title: string, steps: readonly Step[], withOutcome: boolean): string {
  if (steps.length === 0) return ''
  const left = steps.length - mostSteps
  const lines = steps.slice(-mostSteps).map((step) => `- ${step.words}${withOutcome ? `: ${step.outcome}` : ''}`)
  return [title, ...(left > 0 ? [`- (${left} earlier ones)`] : []), ...lines].join('\n')
}

const cut = (text: string): string => (text.length <= mostOfStep ? text : `${text.slice(0, mostOfStep)} […]`).trim()
