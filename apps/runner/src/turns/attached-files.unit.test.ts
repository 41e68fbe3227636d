import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { promptBlocks } from '../agents/prompt-blocks.ts'
import { fetchAttached, safeName } from './attached-files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'coppice-attached-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const fileOf = (text: string, name: string, type = 'text/plain') => ({
  sha256: createHash('sha256').update(text).digest('hex'),
  size: text.length,
  type,
  name,
})
const signal = new AbortController().signal

test('a file is fetched once, checked, and lies under a name that is safe; an interrupted fetch is tried again', async () => {
  const answers = [() => Promise.reject(new Error('cut off')), () => Promise.resolve(new Response('hello'))]
  const fetchBlob = () => (answers.shift() ?? (() => Promise.reject(new Error('asked too often'))))()
  const files = [fileOf('hello', '../../etc/passwd')]
  const [first] = await fetchAttached(files, { folder, workspaceId: 'w', fetchBlob, signal })
  expect(path.relative(folder, first?.path ?? '').split(path.sep)).toHaveLength(2)
  expect(readFileSync(first?.path ?? '', 'utf8')).toBe('hello')
  expect(await fetchAttached(files, { folder, workspaceId: 'w', fetchBlob, signal })).toEqual([first])
})

test('bytes that are not what the message says are not kept, and the turn is told why', async () => {
  const fetchBlob = () => Promise.resolve(new Response('other bytes'))
  const file = fileOf('hello', 'a.txt')
  await expect(fetchAttached([file], { folder, workspaceId: 'w', fetchBlob, signal })).rejects.toThrow(
    /“a.txt” could not be fetched: its bytes have the SHA-256/,
  )
  expect(readdirSync(path.join(folder, file.sha256.slice(0, 12)))).toEqual([])
})

test('names lose what could leave the folder or mean something to a shell or a system', () => {
  expect(['../a', '..', 'a/b\\c', 'x`y"z', '\u0000', 'n'.repeat(300) + '.pdf', ''].map(safeName)).toEqual([
    '__a',
    '_',
    'a_b_c',
    'x_y_z',
    '_',
    `${'n'.repeat(60)}.pdf`,
    'file',
  ])
})

test('a picture goes into the prompt where the agent takes pictures; else its place is named', async () => {
  const fetchBlob = () => Promise.resolve(new Response('pixels'))
  const files = await fetchAttached([fileOf('pixels', 'p.png', 'image/png')], {
    folder,
    workspaceId: 'w',
    fetchBlob,
    signal,
  })
  const named = { type: 'text', text: `Attached files:\n- p.png (image/png, 6 bytes): ${files[0]?.path ?? ''}` }
  expect(await promptBlocks('Look.', files, undefined)).toEqual([{ type: 'text', text: 'Look.' }, named])
  expect(await promptBlocks('Look.', files, { image: true })).toEqual([
    { type: 'text', text: 'Look.' },
    named,
    { type: 'image', mimeType: 'image/png', data: Buffer.from('pixels').toString('base64') },
  ])
  expect(await promptBlocks('Look.', [], { image: true })).toEqual([{ type: 'text', text: 'Look.' }])
})
