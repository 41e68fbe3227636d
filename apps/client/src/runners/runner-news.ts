import { runnersAnswerSchema, type RunnersAnswer } from '@coppice/protocol'
import { createResource, onCleanup } from 'solid-js'
import { ask, type Answer } from '../settings/http.ts'

const AGAIN_AFTER_MS = 5_000

/** How runners and server are doing, asked again every few seconds while the page is looked at. What was told last stays. */
export function useRunnerNews(): { latest: () => RunnersAnswer | undefined; problem: () => string | undefined } {
  let last: RunnersAnswer | undefined
  const [answer, { refetch }] = createResource(async (): Promise<Answer<RunnersAnswer>> => {
    const told = await ask(runnersAnswerSchema, '/api/runners')
    if (told.ok) last = told.data
    return told
  })
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible' && !answer.loading) void refetch()
  }, AGAIN_AFTER_MS)
  onCleanup(() => clearInterval(timer))
  return {
    latest: () => {
      const told = answer.latest
      return told?.ok === true ? told.data : last
    },
    problem: () => {
      const told = answer.latest
      return told?.ok === false ? told.message : undefined
    },
  }
}
