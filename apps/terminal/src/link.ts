import { deviceLinkSchema } from '@coppice/protocol'
import { runningInstallation } from './installation.ts'
import { ask } from './rest.ts'

/** A fresh sign-in link for the owner: the first one was used or has expired. */
export async function printLink(data: string): Promise<void> {
  const { link } = await ask(await runningInstallation(data), '/api/devices', deviceLinkSchema, {})
  process.stdout.write(`${link}\n`)
}
