import { newTokenSchema, tokenRequestSchema } from '@coppice/protocol'
import { runningInstallation } from './installation.ts'
import { Problem } from './problem.ts'
import { ask } from './rest.ts'

export async function createToken(data: string, name: string, kind: string): Promise<void> {
  const request = tokenRequestSchema.safeParse({ name, kind })
  if (!request.success) throw new Problem('A token has a name of 1 to 100 characters and the kind api or runner.')
  const created = await ask(await runningInstallation(data), '/api/tokens', newTokenSchema, request.data)
  process.stdout.write(`${created.token}\n`)
  process.stderr.write(`This is shown once. It is kept hashed; revoke it in Settings, Tokens.\n`)
}
