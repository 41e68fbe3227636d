import type { CommandData } from '@coppice/events'
import type { Segment } from '../parts/segmented.tsx'

/** How a session's steps begin. */
export type StepChoice = 'plan' | 'manual' | 'first' | 'auto'

type Steps = Pick<CommandData<'session.create'>, 'stepMode' | 'autoAfterFirst' | 'planMode'>

export const stepChoices: Readonly<Record<StepChoice, Steps>> = {
  plan: { stepMode: 'manual', planMode: true },
  manual: { stepMode: 'manual' },
  first: { stepMode: 'manual', autoAfterFirst: true },
  auto: { stepMode: 'auto' },
}

export const stepOptions: readonly Segment<StepChoice>[] = [
  {
    value: 'plan',
    label: 'Plan',
    icon: 'tasks',
    why: 'The agent reads only and makes a plan; leave plan mode in Session Info',
  },
  { value: 'manual', label: 'Manual', icon: 'hand', why: 'Each step waits for you; switch to Auto any time' },
  {
    value: 'first',
    label: 'Manual first',
    why: 'Each step of the first message waits for you; then it runs by itself',
  },
  { value: 'auto', label: 'Auto', icon: 'bolt', why: 'Runs until it is done' },
]
