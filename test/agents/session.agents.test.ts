import { realCli, type RealCli } from './real-cli.ts'
import { tellStory, writesFile } from './session-story.ts'

/** The life of a session in the browser with the real CLIs that `pnpm test` leaves out: `pnpm test:agents`. */
const clis: readonly RealCli[] = [
  {
    cli: 'gemini',
    name: 'Gemini CLI',
    model: 'gemini-2.5-pro',
    writes: writesFile,
    offersTools: true,
    steers: false,
    mayForget: true,
  },
  { cli: 'kilo', name: 'Kilo CLI', writes: writesFile, offersTools: true, steers: true },
  {
    cli: 'codex',
    name: 'Codex',
    // It has no tool that writes, only its shell.
    writes: (file, text) => ({ run: `printf '${text.replaceAll('\n', '\\n')}' > ${file}` }),
    offersTools: false,
    steers: true,
  },
  { cli: 'qwen', name: 'Qwen Code', writes: writesFile, offersTools: false, steers: false },
]

for (const cli of clis) tellStory(realCli(cli))
