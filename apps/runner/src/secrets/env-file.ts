import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { isSecretName } from '../agents/redaction.ts'

/** Values in a .env file whose names say that they are secrets. */
export async function secretsInEnvFile(file: string): Promise<string[]> {
  const found = parseEnv(await readFile(file, 'utf8'))
  return Object.entries(found).flatMap(([name, value]) => (value !== undefined && isSecretName(name) ? [value] : []))
}
