import { sha256Hex } from '@coppice/events'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { FileDocument } from './file-document.ts'

const version = (text: string) => ({ text, sha256: sha256Hex(text) })

function page(): FileDocument & { changes: boolean[] } {
  const document = new FileDocument(new Y.Doc())
  const changes: boolean[] = []
  document.onBase((another) => changes.push(another))
  return Object.assign(document, { changes })
}

/** Each gets what the other has, as when both come on line. */
function exchange(a: FileDocument, b: FileDocument): void {
  const [ofA, ofB] = [Y.encodeStateAsUpdate(a.doc), Y.encodeStateAsUpdate(b.doc)]
  Y.applyUpdate(a.doc, ofB)
  Y.applyUpdate(b.doc, ofA)
}

const words = (of: FileDocument): string => of.text.toJSON()

test('[F-10] who opens a file at the same moment with the same version has one text of it', () => {
  const [a, b] = [page(), page()]
  for (const one of [a, b]) one.seed(version('one\ntwo\n'), 'one\ntwo\n')
  a.take()
  a.write('zero\none\ntwo\n')
  exchange(a, b)
  expect([words(a), words(b)]).toEqual(['zero\none\ntwo\n', 'zero\none\ntwo\n'])
  expect(a.changes).not.toContain(true)
})

test('[F-10] with different versions, since an agent wrote between them, one of the two counts for both, whole', () => {
  const versions = ['one\n', 'one\nby the agent\n'] as const
  for (const [first, second] of [versions, versions.toReversed()] as [string, string][]) {
    const [a, b] = [page(), page()]
    a.seed(version(first), first)
    b.seed(version(second), second)
    for (const one of [a, b]) one.take()
    exchange(a, b)
    expect(words(a)).toBe(words(b))
    expect(versions).toContain(words(a))
    expect(a.base).toEqual(version(words(a)))
    expect(b.base).toEqual(a.base)
    // Who wrote into the other one is told, and only that one.
    expect([...a.changes, ...b.changes].filter(Boolean)).toHaveLength(1)
    // From then on both write into it.
    for (const one of [a, b]) one.take()
    a.write(`${words(a)}a\n`)
    exchange(a, b)
    b.write(`b\n${words(b)}`)
    exchange(a, b)
    expect(words(a)).toBe(words(b))
    expect(words(a)).toMatch(/^b\none\n[^]*a\n$/)
  }
})

test('a later version that somebody saved is the base for the others, too', () => {
  const [a, b] = [page(), page()]
  a.seed(version('one'), 'one')
  exchange(a, b)
  b.setBase(version('two'))
  exchange(a, b)
  expect(a.base).toEqual(version('two'))
  expect(a.changes).toEqual([false])
})
