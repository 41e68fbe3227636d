import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { LIMITS } from '../limits.ts'
import { forgetOld } from './forget-old.ts'

test('what nobody went on with for long is removed, with its outputs; the rest stays; a new folder is no trouble', async () => {
  const data = mkdtempSync(path.join(os.tmpdir(), 'coppice-forget-'))
  try {
    await forgetOld(data, Date.now())
    const old = (Date.now() - LIMITS.sessionKeptMs) / 1_000 - 60
    for (const name of ['sessions/old.jsonl', 'sessions/new.jsonl', 'outputs/old/a.log', 'outputs/new/a.log']) {
      mkdirSync(path.dirname(path.join(data, name)), { recursive: true })
      writeFileSync(path.join(data, name), 'x')
    }
    utimesSync(path.join(data, 'sessions/old.jsonl'), old, old)
    utimesSync(path.join(data, 'outputs/old'), old, old)
    await forgetOld(data, Date.now())
    const there = ['sessions/old.jsonl', 'sessions/new.jsonl', 'outputs/old', 'outputs/new'].map((name) =>
      existsSync(path.join(data, name)),
    )
    expect(there).toEqual([false, true, false, true])
  } finally {
    rmSync(data, { recursive: true })
  }
})
