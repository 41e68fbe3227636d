import { mkdtemp, writeFile, chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MISBEHAVING = new URL('./misbehaving-agent.ts', import.meta.url).pathname

/** A command where OpenCode's is expected, which does wrong as told: see misbehaving-agent.ts for the ways. */
export interface StandIn {
  /** Its processes have it in their command line, too. */
  readonly folder: string
  readonly command: string
  /** How the next process of it behaves. */
  behave(how: string): Promise<void>
  /** From now on it can be found. */
  install(): Promise<void>
}

export async function standInForOpenCode(): Promise<StandIn> {
  const folder = await mkdtemp(join(tmpdir(), 'coppice-stand-in-'))
  const command = join(folder, 'opencode')
  const how = join(folder, 'how')
  await writeFile(how, 'exits')
  await writeFile(
    command,
    `#!/bin/sh
case "$1" in
--version) echo 0.0.1 ;;
models) echo stand-in/model ;;
acp) exec '${process.execPath}' '${MISBEHAVING}' "$(cat '${how}')" '${folder}' ;;
esac
`,
    { mode: 0o644 },
  )
  return { folder, command, behave: (way) => writeFile(how, way), install: () => chmod(command, 0o755) }
}
