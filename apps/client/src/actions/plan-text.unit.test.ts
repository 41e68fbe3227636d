import { fromBase64 } from 'lib0/buffer'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { planBeginning, planText } from './plan-text.ts'

const plan = { kind: 'create_plan' as const, title: 'Split it', description: 'In two.', steps: ['one', 'two'] }

test('a plan is a text with a title, a description and numbered steps', () => {
  expect(planText(plan)).toBe('# Split it\n\nIn two.\n\n1. one\n2. two')
  expect(planText({ ...plan, description: '', steps: [] })).toBe('# Split it')
})

test('[MA-3] two who open a plan at once, and edit it before they meet, have its text once and both edits', () => {
  const [one, other] = [new Y.Doc(), new Y.Doc()]
  for (const doc of [one, other]) Y.applyUpdate(doc, fromBase64(planBeginning(plan)))
  one.getText('draft').insert(0, 'A: ')
  other.getText('draft').insert(other.getText('draft').length, ' :B')
  Y.applyUpdate(one, Y.encodeStateAsUpdate(other))
  Y.applyUpdate(one, fromBase64(planBeginning(plan)))
  expect(one.getText('draft').toJSON()).toBe(`A: ${planText(plan)} :B`)
})
