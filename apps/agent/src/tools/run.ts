import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { inputSchema } from './input-schema.ts'
import { LongOutput } from './long-output.ts'
import { runCommand } from './shell.ts'
import { defineTool } from './tool.ts'

const input = z.object({
  command: z.string().min(1).describe('A command line for the shell'),
  timeout: z
    .int()
    .min(1)
    .max(LIMITS.longestCommandSeconds)
    .optional()
    .describe(`Seconds it may take (default ${LIMITS.commandSeconds}, at most ${LIMITS.longestCommandSeconds})`),
})

const progressEveryMs = 150

/** Runs a command in the working folder. */
export const runTool = defineTool({
  name: 'run',
  effect: 'run',
  description:
    'Run a shell command in the working folder. There is no terminal and no input: use flags that do not ask. Each call is a new shell. Everything it started ends with it, also what it put into the background. Of long output you get the beginning and the end; the whole is in a file that can be read.',
  input,
  toSchema: inputSchema,
  prepare({ command, timeout = LIMITS.commandSeconds }, { folder }) {
    return Promise.resolve({
      shown: { title: command.split('\n')[0] ?? command, kind: 'execute' },
      outside: false,
      async run({ outputs, signal, progress }) {
        const output = new LongOutput(outputs)
        let timer: NodeJS.Timeout | undefined
        const end = await runCommand(command, folder.root, { signal, withinMs: timeout * 1_000 }, (text) => {
          output.add(text)
          // What comes within a moment goes out together.
          timer ??= setTimeout(() => {
            timer = undefined
            progress(output.shown())
          }, progressEveryMs)
        })
        clearTimeout(timer)
        await output.close()
        const said = output.shown()
        const how =
          end.why === 'timeout'
            ? `(stopped after ${timeout} s; everything it started was ended. If it needs longer, set timeout)`
            : end.why === 'canceled'
              ? '(canceled)'
              : end.exitCode === 0
                ? ''
                : `(exit code ${end.exitCode ?? end.signal ?? 'unknown'})`
        const body = said.trimEnd() === '' ? '(no output)' : said.trimEnd()
        return {
          text: how === '' ? body : `${body}\n${how}`,
          failed: end.why !== 'ended' || end.exitCode !== 0,
          shown: [{ type: 'content', content: { type: 'text', text: said } }],
          exitCode: end.exitCode,
        }
      },
    })
  },
})
