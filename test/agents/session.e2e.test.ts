import { keysFor } from './model-endpoint.ts'
import { realCli } from './real-cli.ts'
import { tellStory, writesFile } from './session-story.ts'

/** The life of a session in the browser with our own agent and with two real CLIs; with the others: `pnpm test:agents`. */
tellStory({
  name: 'Coppice Code',
  environment: (_home, endpoint) => Promise.resolve(keysFor(endpoint)),
  writes: writesFile,
  offersTools: true,
  steers: true,
})
tellStory(realCli({ cli: 'opencode', name: 'OpenCode', writes: writesFile, offersTools: true, steers: true }))
tellStory(realCli({ cli: 'claude', name: 'Claude Code', writes: writesFile, offersTools: true, steers: true }))
