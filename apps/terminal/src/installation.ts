import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from './problem.ts'

const installationSchema = z.object({ url: z.string(), ownerToken: z.string(), pid: z.number() })

/** How the command line finds the server that runs on a data folder, and is known to it. */
export type Installation = z.infer<typeof installationSchema>

const fileIn = (data: string): string => join(data, 'running.json')

/** Readable by its owner only: it holds a token. */
export async function rememberInstallation(data: string, installation: Installation): Promise<void> {
  await writeFile(fileIn(data), JSON.stringify(installation), { mode: 0o600 })
  await chmod(fileIn(data), 0o600)
}

export async function forgetInstallation(data: string): Promise<void> {
  await rm(fileIn(data), { force: true })
}

/** @throws {Problem} if no server runs on the folder. */
export async function runningInstallation(data: string): Promise<Installation> {
  let text: string
  try {
    text = await readFile(fileIn(data), 'utf8')
  } catch (error) {
    throw new Problem(
      `No server is running on ${data}. Start one with \`coppice up\`, or name its folder with --data.`,
      { cause: error },
    )
  }
  return installationSchema.parse(JSON.parse(text))
}
