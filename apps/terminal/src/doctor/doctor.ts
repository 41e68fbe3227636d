import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import {
  examinationSchema,
  serverExaminationSchema,
  type Examination,
  type Finding,
  type ServerExamination,
} from '@coppice/protocol'
import type { z } from 'zod'
import { isServed, runningInstallation } from '../installation.ts'
import { ask } from '../rest.ts'
import { describe } from './describe.ts'

export interface DoctorOptions {
  readonly data: string
  readonly json: boolean
  readonly mend: boolean
}

/** Examines a data folder, with or without a server on it, and says what is wrong. The exit code is 1 if something still is. */
export async function doctor({ data, json, mend }: DoctorOptions): Promise<void> {
  const served = await isServed(data)
  const server = served ? await askServer(data) : await examineStopped(data, mend)
  const runner = await examineRunner(data, server, mend)
  const findings = [...(served && mend ? [NOT_WHILE_IT_RUNS] : []), ...server.findings, ...runner.findings]
  const whole: Examination = {
    findings,
    examined: { ...server.examined, ...runner.examined },
    bytes: { ...server.bytes, ...runner.bytes },
    versions: { ...server.versions, ...runner.versions },
  }
  process.stdout.write(json ? `${JSON.stringify(whole)}\n` : describe(whole, data))
  if (findings.some(({ level, mending }) => level === 'wrong' && mending !== 'done')) process.exitCode = 1
}

const NOT_WHILE_IT_RUNS: Finding = {
  level: 'note',
  area: 'folder',
  says: 'A server runs on this folder, so what is its own was only looked at.',
  advice: 'Stop it and run `coppice doctor --mend` again to mend something of it.',
  mending: 'no',
}

async function askServer(data: string): Promise<ServerExamination> {
  return ask(await runningInstallation(data), '/api/doctor', serverExaminationSchema, {})
}

const entry = (app: string): string => fileURLToPath(new URL(`../../../${app}/src/doctor/main.ts`, import.meta.url))

async function examineStopped(data: string, mend: boolean): Promise<ServerExamination> {
  const args = ['--data', data, ...(mend ? ['--mend'] : [])]
  const answer = await run(entry('sync'), args, '', serverExaminationSchema)
  if ('examination' in answer) return answer.examination
  const advice = 'If no server can start on it either, put the last backup in place with `coppice restore`.'
  return { ...broken('store', `The store could not be examined: ${answer.failed}`, advice), sessions: [] }
}

async function examineRunner(data: string, server: ServerExamination, mend: boolean): Promise<Examination> {
  const folder = join(data, 'runner')
  if (!existsSync(folder)) return { findings: [], examined: {}, bytes: {}, versions: {} }
  // Where the logs could not be read, nothing is held against them.
  const readable = 'logs' in server.examined
  const known = readable ? { runnerId: server.runnerId, sessions: server.sessions } : {}
  const args = ['--data', folder, ...(mend ? ['--mend'] : [])]
  const answer = await run(entry('runner'), args, JSON.stringify(known), examinationSchema)
  if ('examination' in answer) return answer.examination
  return broken('worktrees', `The runner's folder could not be examined: ${answer.failed}`, 'Nothing was changed.')
}

const broken = (area: Finding['area'], says: string, advice: string): Examination => ({
  findings: [{ level: 'wrong', area, says, advice, mending: 'no' }],
  examined: {},
  bytes: {},
  versions: {},
})

/** Runs an examination as a process of its own: a store that is broken may take its process with it. */
async function run<T extends z.ZodType>(
  main: string,
  args: readonly string[],
  input: string,
  schema: T,
): Promise<{ examination: z.output<T> } | { failed: string }> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => child.kill())
  child.stdin.end(input)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  const line = out.trimEnd().split('\n').at(-1) ?? ''
  if (code !== 0 || line === '') return { failed: err.trim().split('\n').slice(-5).join(' ') || `exit code ${code}` }
  return { examination: schema.parse(JSON.parse(line)) }
}
