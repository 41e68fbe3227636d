import path from 'node:path'
import { recipes } from '../../apps/runner/src/agents/recipes.ts'
import { installAgent, type InstalledCli } from '../../scripts/install-agent.ts'
import { homeFor } from './cli-homes.ts'
import type { StoryAgent } from './session-story.ts'

/** What a story must know of a real CLI; where its binary is and how it is set up follows from which it is. */
export type RealCli = Omit<StoryAgent, 'environment'> & { readonly cli: InstalledCli }

/** A real CLI as an agent of a story: installed on first use, in a home of its own, with the scripted model. */
export function realCli({ cli, ...agent }: RealCli): StoryAgent {
  return {
    ...agent,
    async environment(home, endpoint) {
      const recipe = recipes.find(({ name }) => name === agent.name)
      if (!recipe) throw new Error(`${agent.name} is known by name`)
      const binary = await installAgent(cli, console.log)
      return { ...homeFor(cli, path.join(home, 'home'), endpoint), [recipe.binaryVariable]: binary }
    },
  }
}
