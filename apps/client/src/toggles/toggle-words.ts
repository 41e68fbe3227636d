import type { Toggle } from '@coppice/events'

/** What each toggle is called, and what it asks of the agent. */
export const toggleWords: Readonly<Record<Toggle, { readonly label: string; readonly why: string }>> = {
  architecture: {
    label: 'Code Architecture',
    why: 'Fit into how the code is built, and look at it once as a reviewer of that',
  },
  ux: { label: 'UX Enhancement', why: 'Every state has its words; keyboard, names and contrast hold' },
  edge_cases: { label: 'Edge Cases', why: 'List the cases at the edges first, handle and test those that can happen' },
  code_review: { label: 'Code Review', why: 'The work is reviewed before it counts as done' },
  verification: { label: 'Verification', why: 'Every point that was asked for is shown, by a test or a command' },
  tests: { label: 'Update Tests', why: 'A change of behaviour comes with its test' },
  docs: { label: 'Update Docs', why: 'What is written about it is made true again' },
}
