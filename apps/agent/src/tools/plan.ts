import { z } from 'zod'
import { inputSchema } from './input-schema.ts'
import { defineTool } from './tool.ts'

const input = z.object({
  steps: z
    .array(
      z.object({
        text: z.string().min(1),
        status: z.enum(['pending', 'in_progress', 'completed']),
      }),
    )
    .max(100)
    .describe('The whole plan, in order; it replaces the one before'),
})

/** Keeps the plan that people see beside the conversation. */
export const planTool = defineTool({
  name: 'plan',
  effect: 'plan',
  description:
    'Keep a list of the steps of a larger task, which the person sees. Give the whole list each time. At most one step is in_progress; mark a step completed as soon as it is. Not for tasks of one or two steps.',
  input,
  toSchema: inputSchema,
  prepare({ steps }) {
    return Promise.resolve({
      shown: { title: 'Plan', kind: 'think' },
      outside: false,
      run({ plan }) {
        plan(steps.map(({ text, status }) => ({ content: text, status, priority: 'medium' })))
        const left = steps.filter((step) => step.status !== 'completed').length
        return Promise.resolve({ text: `Noted. ${left} of ${steps.length} steps are open.` })
      },
    })
  },
})
