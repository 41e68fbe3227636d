import path from 'node:path'
import { recipes } from '../../apps/runner/src/agents/recipes.ts'
import { installAgent, type InstalledCli } from '../../scripts/install-agent.ts'
import { homeFor } from './cli-homes.ts'
import { tellStory, writesFile, type StoryAgent } from './session-story.ts'

/** The life of a session in the browser with every real CLI that installs here: `pnpm test:agents`. */
const clis: readonly (Omit<StoryAgent, 'environment'> & { cli: InstalledCli })[] = [
  { cli: 'claude', name: 'Claude Code', writes: writesFile, offersTools: true, steers: true },
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

for (const { cli, ...agent } of clis)
  tellStory({
    ...agent,
    async environment(home, endpoint) {
      const recipe = recipes.find(({ name }) => name === agent.name)
      if (!recipe) throw new Error(`${agent.name} is known by name`)
      const binary = await installAgent(cli, console.log)
      return { ...homeFor(cli, path.join(home, 'home'), endpoint), [recipe.binaryVariable]: binary }
    },
  })
