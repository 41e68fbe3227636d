import path from 'node:path'
import { installAgent } from '../../scripts/install-agent.ts'
import { homeFor } from './cli-homes.ts'
import { keysFor } from './model-endpoint.ts'
import { tellStory, writesFile } from './session-story.ts'

/** The life of a session in the browser with our own agent and with a real CLI; with all the others: `pnpm test:agents`. */
tellStory({
  name: 'Coppice Code',
  environment: (_home, endpoint) => Promise.resolve(keysFor(endpoint)),
  writes: writesFile,
  offersTools: true,
  steers: true,
})

tellStory({
  name: 'OpenCode',
  environment: async (home, endpoint) => ({
    ...homeFor('opencode', path.join(home, 'home'), endpoint),
    COPPICE_OPENCODE_BIN: await installAgent('opencode', console.log),
  }),
  writes: writesFile,
  offersTools: true,
  steers: true,
})
