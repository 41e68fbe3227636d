import type { Action } from '@coppice/events'
import { toBase64 } from 'lib0/buffer'
import * as Y from 'yjs'

type Plan = Extract<Action, { kind: 'create_plan' }>

/** A plan as the text that people edit together. */
export function planText({ title, description, steps }: Plan): string {
  const list = steps.map((step, n) => `${n + 1}. ${step}`).join('\n')
  return [`# ${title}`, description.trim(), list].filter((part) => part !== '').join('\n\n')
}

/**
 * What the plan's document begins with, as a state of it. It is the same on every device: whoever opens the plan first, and
 * however many do at once, the text stands there once.
 */
export function planBeginning(plan: Plan): string {
  const doc = new Y.Doc()
  doc.clientID = 1
  doc.getText('draft').insert(0, planText(plan))
  const state = toBase64(Y.encodeStateAsUpdate(doc))
  doc.destroy()
  return state
}
