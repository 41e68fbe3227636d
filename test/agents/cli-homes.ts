import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openCodeConfig } from './model-endpoint.ts'
import type { ModelEndpoint } from './model-endpoint.ts'
import type { InstalledCli } from '../../scripts/install-agent.ts'

/** A home of its own for one CLI, set up for the scripted endpoint: what a user's own settings would be. */
export function homeFor(cli: InstalledCli, home: string, endpoint: ModelEndpoint): Record<string, string> {
  const { url } = endpoint
  const put = (file: string, content: unknown): void => {
    const full = path.join(home, file)
    mkdirSync(path.dirname(full), { recursive: true })
    writeFileSync(full, typeof content === 'string' ? content : JSON.stringify(content))
  }
  mkdirSync(home, { recursive: true })
  const own = {
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, '.config'),
    XDG_DATA_HOME: path.join(home, '.local/share'),
    XDG_STATE_HOME: path.join(home, '.local/state'),
    XDG_CACHE_HOME: path.join(home, '.cache'),
    // Nobody listens there: a call to anywhere but the endpoint fails at once.
    HTTPS_PROXY: 'http://127.0.0.1:9',
    NO_PROXY: '127.0.0.1,localhost',
  }
  switch (cli) {
    case 'opencode':
      return { ...own, OPENCODE_CONFIG_CONTENT: openCodeConfig(endpoint) }
    case 'kilo':
      return {
        ...own,
        KILO_CONFIG_CONTENT: openCodeConfig(endpoint),
        OPENCODE_CONFIG_CONTENT: openCodeConfig(endpoint),
      }
    case 'claude':
      return {
        ...own,
        ANTHROPIC_API_KEY: 'sk-ant-test',
        ANTHROPIC_BASE_URL: `${url}/anthropic`,
        CLAUDE_CONFIG_DIR: path.join(home, '.claude'),
        // Its model is offered the tools of servers at once, not by a search that a script cannot make.
        ENABLE_TOOL_SEARCH: 'false',
      }
    case 'gemini':
      put('.gemini/settings.json', {
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
      })
      return { ...own, GEMINI_API_KEY: 'test-key', GOOGLE_GEMINI_BASE_URL: url, GEMINI_MODEL: 'gemini-2.5-flash' }
    case 'qwen':
      put('.qwen/settings.json', {
        security: { auth: { selectedType: 'openai' } },
        privacy: { usageStatisticsEnabled: false },
      })
      return { ...own, OPENAI_API_KEY: 'test-key', OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'test-1' }
    case 'codex':
      put(
        '.codex/config.toml',
        `model = "gpt-5"\nmodel_provider = "test"\n[model_providers.test]\nname = "Test"\nbase_url = "${url}/v1"\nwire_api = "responses"\nenv_key = "TEST_KEY"\nrequires_openai_auth = false\nsupports_websockets = false\n[analytics]\nenabled = false\n`,
      )
      return { ...own, CODEX_HOME: path.join(home, '.codex'), TEST_KEY: 'test-key' }
  }
}
