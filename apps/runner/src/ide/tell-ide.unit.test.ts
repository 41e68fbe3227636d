import { newId, sessionStream, workspaceLog } from '@coppice/events'
import { expect, test } from 'vitest'
import { tellIde } from './tell-ide.ts'

const address = { log: workspaceLog(newId()), stream: sessionStream(newId()) }

test('[I-24] what an editor did stands when it cannot be told: neither a refusal nor a failure comes back to it', async () => {
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  const cause = { id: 'cause', correlationId: 'correlation' }
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  tellIde({ observe: () => Promise.resolve(false), say }, address, 'op1', 'IDE: uploaded changes (1 file).', cause)
  tellIde({ observe: () => Promise.reject(new Error('no room')), say }, address, 'op2', 'IDE: uploaded.', cause)
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
  expect(lines.join('\n')).toMatch(/uploaded changes[^]*no room/)
})
