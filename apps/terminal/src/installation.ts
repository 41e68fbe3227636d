import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from './problem.ts'

const installationSchema = z.object({ url: z.string(), ownerToken: z.string() })

/** How the command line finds the server that runs on a data folder, and is known to it. */
export type Installation = z.infer<typeof installationSchema>

/** Reads what the server wrote into its data folder, for its owner's eyes only. @throws {Problem} if none runs there. */
export async function runningInstallation(data: string): Promise<Installation> {
  let text: string
  try {
    text = await readFile(join(data, 'access.json'), 'utf8')
  } catch (error) {
    throw new Problem(
      `No server is running on ${data}. Start one with \`coppice up\`, or name its folder with --data.`,
      { cause: error },
    )
  }
  try {
    return installationSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new Problem(
      `${join(data, 'access.json')} is not what a server wrote. Start the server of ${data} again; it writes it anew.`,
      { cause: error },
    )
  }
}

/** Whether a server answers for this folder. One that was killed leaves its address behind. */
export async function isServed(data: string): Promise<boolean> {
  if (!existsSync(join(data, 'access.json'))) return false
  const { url } = await runningInstallation(data)
  return fetch(new URL('/health', url)).then(
    () => true,
    () => false,
  )
}
