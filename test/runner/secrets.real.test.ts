import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { seal, sealContext } from '@coppice/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { House } from './house.ts'

const value = 'wk-7f2a9c-very/secret+value'

/** Every file below a folder that holds any of the words, as it is on the disk. */
function filesWith(folder: string, words: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const file = path.join(entry.parentPath, entry.name)
    if (!entry.isFile()) return []
    const content = readFileSync(file)
    return words.some((word) => content.includes(word)) ? [file] : []
  })
}

let house: House
beforeAll(async () => {
  house = await House.open()
})
afterAll(async () => {
  await house?.[Symbol.asyncDispose]()
})

type Listed = { sealKey: string; runnerId: string; secrets: { name: string; length: string; by: string }[] }
const list = async (): Promise<Listed> =>
  (await house.query({ kind: 'secrets.list', scope: 'workspace' })) as unknown as Listed

async function set(name: string, text: string, sealedFor = name): Promise<Record<string, unknown>> {
  const { sealKey } = await list()
  const sealed = await seal(sealKey, text, sealContext('workspace', house.workspaceId, sealedFor))
  return house.query({ kind: 'secrets.set', scope: 'workspace', name, sealed })
}

describe('secrets of a workspace', () => {
  test('[AC-4] an agent of the workspace has it; it is in no event, live text, answer, record or file, in no form', async () => {
    expect(await set('DEPLOY', value)).toMatchObject({
      ok: true,
      secrets: [{ name: 'DEPLOY', length: '17 to 64', unreadable: false }],
    })
    const base64 = Buffer.from(value).toString('base64')
    const session = await house.session(
      [
        '```sh',
        'printf %s "$DEPLOY" | sha256sum | cut -c1-16',
        'echo "$DEPLOY"; printf %s "$DEPLOY" | base64; printf %s "$DEPLOY" | od -An -tx1 | tr -d " \\n"; echo',
        'printf %s "$DEPLOY" | head -c 9; sleep 0.3; printf %s "$DEPLOY" | tail -c +10; echo',
        'echo "$DEPLOY" > leaked.txt; echo "$DEPLOY" >&2; exit 3',
        '```',
      ].join('\n'),
    )
    await session.until('turn.ended')
    const [finished] = session.data('tool.finished')
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(value))).toString('hex')
    expect(String(finished?.['output'])).toContain(hash.slice(0, 16))
    expect(String(finished?.['output'])).toContain('[redacted]')
    const diff = await house.query({ kind: 'git.diff', sessionId: session.id, against: 'base' })
    const file = await house.query({ kind: 'file.read', sessionId: session.id, path: 'leaked.txt' })
    expect(file).toMatchObject({ ok: true, text: '[redacted]\n' })
    const hex = Buffer.from(value).toString('hex')
    const all = JSON.stringify([house.events, house.live, diff, file, await list(), house.runnerSaid, house.serverSaid])
    for (const form of [value, base64, hex, encodeURIComponent(value)]) expect(all).not.toContain(form)
    // On the disks: the agent's own file in its worktree has it, as that is what it was told to write, and git's copy of that.
    await house.stopRunner()
    const words = [value, base64, hex]
    expect(filesWith(path.join(house.at.root, 'server'), words)).toEqual([])
    const found = filesWith(house.runnerData, words).filter((one) => !one.includes('/worktrees/'))
    expect(found).toEqual([])
    for (const name of readdirSync(path.join(house.runnerData, 'secrets')))
      expect(statSync(path.join(house.runnerData, 'secrets', name)).mode & 0o077).toBe(0)
    await house.startRunner()
  })

  test('[AC-4] it is still there after a restart, and gone when it is removed; the next turn of the same session is without it', async () => {
    const session = await house.session('```sh\necho "has ${DEPLOY:+it}"\n```')
    await session.until('turn.ended')
    expect(session.data('tool.finished')).toMatchObject([{ output: 'has it\n' }])
    await house.query({ kind: 'secrets.remove', scope: 'workspace', name: 'DEPLOY' })
    expect((await list()).secrets).toEqual([])
    await session.send('```sh\necho "has ${DEPLOY:+it}"\n```')
    await session.until('turn.ended', 2)
    expect(session.data('tool.finished')[1]).toMatchObject({ output: 'has \n' })
  })

  test('[AC-4] what cannot be kept out of conversations, or was sealed for another name, is refused; nothing changes', async () => {
    expect(await set('SHORT', 'abc')).toMatchObject({ ok: false, message: expect.stringContaining('at least 8') })
    expect(await set('ONE', value, 'OTHER')).toMatchObject({
      ok: false,
      message: expect.stringContaining('not sealed'),
    })
    expect(await set('LONG', 'x'.repeat(9_000))).toMatchObject({ ok: false })
    expect((await list()).secrets).toEqual([])
  })
})
