/**
 * Examines a runner's data folder and the repositories it works in; `coppice doctor` starts it:
 *
 *   node apps/runner/src/doctor/main.ts --data FOLDER [--mend] < SESSIONS
 *
 * SESSIONS is JSON: `{"runnerId": id, "sessions": [KnownSession …]}`, or `{}` where the logs cannot be read. Prints one
 * line of JSON. It may run beside a runner; then it mends nothing.
 */
import { json } from 'node:stream/consumers'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { knownSessionSchema } from '@coppice/protocol'
import { z } from 'zod'
import { examineRunner } from './examine-runner.ts'

const { values } = parseArgs({ options: { data: { type: 'string' }, mend: { type: 'boolean', default: false } } })
if (values.data === undefined) throw new Error('usage: node apps/runner/src/doctor/main.ts --data FOLDER [--mend]')
const knownSchema = z.object({ runnerId: z.string().optional(), sessions: z.array(knownSessionSchema).optional() })
const known = knownSchema.parse(await json(process.stdin))
const examination = await examineRunner(path.resolve(values.data), { ...known, mend: values.mend })
process.stdout.write(`${JSON.stringify(examination)}\n`)
