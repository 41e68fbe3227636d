import { newId, type Action } from '@coppice/events'
import { harbor } from './harbor.ts'
import { begin, checkpoint, endTurn, turn } from './session-beats.ts'
import type { StandInServer } from './stand-in-server.ts'

const MINUTE = 60_000

const block = (kind: string, content: string): string => `\`\`\`coppice:${kind}\n${content}\n\`\`\``

/** A session whose agent puts something of each kind before people, with toggles and a text that it was told. */
export function asks(now: number): StandInServer {
  const server = harbor(now)
  const script = begin(server, 'harbor', 'asks', 'Store the receipts', 'coppice-code', now - 12 * MINUTE)
  for (const toggle of ['edge_cases', 'verification'] as const) script.person('session.setToggle', { toggle, on: true })
  const first = turn(script, 'Where should receipts be stored, and what else must change?')
  script.saw('turn.instructed', {
    turnId: first,
    sha256: 'a'.repeat(64),
    way: 'system_prompt',
    text: '# How to work in this session\n\nVerification. Go through what was asked, point by point.',
  })
  const messageId = newId()
  const question: Action = {
    kind: 'ask_question',
    question: 'Which database should hold the receipts?',
    options: [
      { label: 'PostgreSQL', description: 'The one that invoices are in; needs a migration' },
      { label: 'SQLite beside the queue' },
    ],
  }
  script.saw('message.added', {
    messageId,
    turnId: first,
    kind: 'agent',
    text: `I read both stores. One thing I cannot find out:\n\n${block('ask-question', JSON.stringify(question))}\n\n${block('create-plan', '{ "title": }')}`,
    completeness: 'whole',
  })
  const offer = (actionId: string, action: Action, turnId: string, more: object = {}): void =>
    script.later(2_000).saw('action.offered', { actionId, turnId, waits: false, action, ...more })
  offer('asked', question, first, { messageId, block: 0 })
  checkpoint(script, 12, 3)
  endTurn(script, first, 'coppice-code', 0.12)
  script.person('action.answer', {
    actionId: 'asked',
    answer: { kind: 'answered', options: ['PostgreSQL'], other: 'with a table of its own' },
    message: {
      messageId: newId(),
      text: '> Which database should hold the receipts?\n\nPostgreSQL\nwith a table of its own',
    },
  })
  const messageOf = script.server.nextQueued(script.address) ?? ''
  const second = newId()
  script.later(300).person('turn.start', { turnId: second, runId: newId(), messageId: messageOf })
  offer(
    'ticket',
    { kind: 'create_ticket', title: 'Receipts have no retention', description: 'They stay for ever.' },
    second,
  )
  offer(
    'plan',
    {
      kind: 'create_plan',
      title: 'Receipts in PostgreSQL',
      description: 'A table of their own, written in the transaction of the invoice.',
      steps: ['Migration and model', 'Write with the invoice', 'Back-fill in batches of 500'],
    },
    second,
  )
  offer(
    'waiting',
    {
      kind: 'ask_question',
      question: 'Which of these may be dropped?',
      options: [{ label: 'legacy_receipts' }, { label: 'receipts_2019' }, { label: 'receipt_mail' }],
      several: true,
    },
    second,
    { waits: true },
  )
  return server
}
