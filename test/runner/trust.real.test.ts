import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { WORKSPACE_STREAM } from '@coppice/events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { House, isAlive, type SessionInHouse } from './house.ts'

const SETUP = '.coppice/setup.sh'
const patience = 120_000

let house: House
beforeEach(async () => {
  house = await House.open()
})
afterEach(() => house[Symbol.asyncDispose]())

function commitSetup(text: string): void {
  mkdirSync(path.join(house.at.repo, '.coppice'), { recursive: true })
  rmSync(path.join(house.at.repo, SETUP), { force: true })
  writeFileSync(path.join(house.at.repo, SETUP), text)
  house.at.git(['add', '--all'])
  house.at.git(['commit', '-q', '-m', 'setup'])
}

const answer = (sha256: unknown, trusted: boolean) =>
  house.command(WORKSPACE_STREAM, 'workspace.trustScript', { path: SETUP, sha256: String(sha256), trusted })
const asked = (session: SessionInHouse) => session.until('setup.found', 1, patience)
const ran = (session: SessionInHouse): boolean => existsSync(path.join(session.worktree, 'ran.txt'))

describe('a script that comes with the repository', () => {
  test('[WS-4] runs only after a member let it, and is asked about again when it changes: a repository that turns hostile gets nothing', async () => {
    commitSetup('echo good > ran.txt\necho from the script\n')
    const first = await house.session('```sh\ncat ran.txt > seen.txt\n```')
    const found = await asked(first)
    expect(found.data['text']).toBe('echo good > ran.txt\necho from the script\n')
    await first.until('worktree.ready', 1, patience)
    // Nothing is delivered before somebody has answered.
    expect(await house.query({ kind: 'git.status', sessionId: first.id })).toMatchObject({ ok: true, files: [] })
    expect(first.types).not.toContain('turn.started')
    expect(ran(first)).toBe(false)
    expect(await answer(found.data['sha256'], true)).toBeUndefined()
    expect((await first.until('setup.ended', 1, patience)).data).toMatchObject({ outcome: 'done', exitCode: 0 })
    await first.until('turn.ended', 1, patience)
    expect(readFileSync(path.join(first.worktree, 'seen.txt'), 'utf8')).toBe('good\n')
    expect(first.data('message.added').map((one) => one['text'])).toContainEqual(
      expect.stringMatching(/setup\.sh ended with 0\.\nfrom the script$/),
    )
    // The same bytes again: nobody is asked.
    const again = await house.session(undefined)
    expect((await again.until('setup.ended', 1, patience)).data).toMatchObject({ outcome: 'done' })
    // Other bytes: it does not run, and what was trusted does not run in its place.
    commitSetup('echo evil > ran.txt; echo evil > ../../evil.txt\n')
    const second = await house.session('```sh\ntrue\n```')
    const changed = await asked(second)
    expect(changed.data['sha256']).not.toBe(found.data['sha256'])
    await second.until('worktree.ready', 1, patience)
    expect(await answer(changed.data['sha256'], false)).toBeUndefined()
    expect((await second.until('setup.ended', 1, patience)).data).toMatchObject({ outcome: 'refused' })
    await second.until('turn.ended', 1, patience)
    expect(ran(second)).toBe(false)
    // Refused stays refused, in new sessions and after a restart, until it changes or somebody thinks again.
    await house.stopRunner()
    await house.startRunner()
    const third = await house.session('```sh\ntrue\n```')
    expect((await third.until('setup.ended', 1, patience)).data).toMatchObject({ outcome: 'refused' })
    expect(ran(third)).toBe(false)
    expect(existsSync(path.join(house.runnerData, 'evil.txt'))).toBe(false)
  }, 240_000)

  test('[WS-4] what an agent writes there, and a link, do not run; what a script leaves behind is ended', async () => {
    commitSetup('(sleep 600 & echo $! > child.txt)\necho fine > ran.txt\n')
    const first = await house.session(`\`\`\`file path=${SETUP}\necho agent > ran.txt\n\`\`\``)
    const found = await asked(first)
    await answer(found.data['sha256'], true)
    await first.until('turn.ended', 1, patience)
    expect(readFileSync(path.join(first.worktree, 'ran.txt'), 'utf8')).toBe('fine\n')
    await expect.poll(() => isAlive(readFileSync(path.join(first.worktree, 'child.txt'), 'utf8').trim())).toBe(false)
    expect(first.data('setup.ended')).toHaveLength(1)
    rmSync(path.join(house.at.repo, SETUP))
    symlinkSync('/bin/true', path.join(house.at.repo, SETUP))
    house.at.git(['add', '--all'])
    house.at.git(['commit', '-q', '-m', 'a link'])
    const linked = await house.session('```sh\ntrue\n```')
    await linked.until('turn.ended', 1, patience)
    expect(linked.types.filter((type) => type.startsWith('setup.'))).toEqual([])
  }, 240_000)
})
