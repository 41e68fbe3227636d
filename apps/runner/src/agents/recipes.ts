import { inBoth, inHome, inWorktree } from '../pickers/command-folder.ts'
import type { CommandFolder } from '../pickers/command-folder.ts'
import type { Recipe } from './recipe.ts'

/** Asking first, sharing nothing, fetching nothing by itself: OpenCode's words for it, which Kilo has, too. */
const askFirst = {
  autoupdate: false,
  share: 'disabled',
  permission: { edit: 'ask', bash: 'ask', webfetch: 'ask', external_directory: 'ask' },
}

/** OpenCode's and Kilo's: both spellings of a folder are read, and skills that were made for others. */
const openCodeFolders = (worktree: string, home: string): readonly CommandFolder[] => [
  ...['command', 'commands'].flatMap((one) => inWorktree(`${worktree}/${one}`, { form: 'markdown', between: '/' })),
  ...['command', 'commands'].flatMap((one) => inHome(`${home}/${one}`, { form: 'markdown', between: '/' })),
  ...['skill', 'skills'].flatMap((one) => inWorktree(`${worktree}/${one}`, { form: 'skill' })),
  ...['skill', 'skills'].flatMap((one) => inHome(`${home}/${one}`, { form: 'skill' })),
  ...['.claude/skills', '.agents/skills'].flatMap((one) => inBoth(one, { form: 'skill' })),
]

/** Where those that know many makers find a key of one. */
const modelMakers = ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GEMINI_API_KEY', 'OPENROUTER_API_KEY']

/** The CLIs that are known by name, in the order they are offered. */
export const recipes: readonly Recipe[] = [
  {
    id: 'claude-code',
    name: 'Claude Code',
    command: 'claude-agent-acp',
    args: [],
    binaryVariable: 'COPPICE_CLAUDE_BIN',
    install: 'Install it with "npm install -g @agentclientprotocol/claude-agent-acp"',
    keys: ['ANTHROPIC_API_KEY'],
    writes: ['.claude', '.claude.json'],
    signIn: 'Set ANTHROPIC_API_KEY, or run "claude" once and sign in',
    env: {
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
    },
    commandFolders: [
      ...inBoth('.claude/commands', { form: 'markdown' }),
      ...inBoth('.claude/skills', { form: 'skill' }),
    ],
    quirks: {
      secondPromptSteers: true,
      systemPromptMeta: true,
      // It offers to skip all permissions otherwise, and then does not start as root.
      sessionMeta: { claudeCode: { options: { allowDangerouslySkipPermissions: false } } },
    },
  },
  {
    id: 'gemini',
    name: 'Gemini CLI',
    command: 'gemini',
    // Trust is Coppice's question: it asks before a repository's scripts run.
    args: ['--acp', '--skip-trust'],
    binaryVariable: 'COPPICE_GEMINI_BIN',
    install: 'Install it with "npm install -g @google/gemini-cli"',
    keys: ['GEMINI_API_KEY'],
    writes: ['.gemini'],
    signIn: 'Set GEMINI_API_KEY, or run "gemini" once and sign in',
    env: { GEMINI_CLI_DISABLE_AUTO_UPDATE: '1', GEMINI_TELEMETRY_ENABLED: 'false' },
    versionArgs: ['--version'],
    commandFolders: [
      ...inBoth('.gemini/commands', { form: 'toml', between: ':' }),
      // Its model takes skills by itself, or when they are named.
      ...inBoth('.gemini/skills', { form: 'skill', typed: 'Use the skill {}:' }),
    ],
    quirks: {},
  },
  {
    id: 'opencode',
    name: 'OpenCode',
    command: 'opencode',
    args: ['acp'],
    binaryVariable: 'COPPICE_OPENCODE_BIN',
    install: 'Install it with "npm install -g opencode-ai" (https://opencode.ai)',
    keys: modelMakers,
    writes: ['.config/opencode', '.local/share/opencode', '.local/state/opencode', '.cache/opencode'],
    signIn: 'Run "opencode auth login"',
    env: {
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    },
    settings: { variables: ['OPENCODE_CONFIG_CONTENT'], values: askFirst },
    versionArgs: ['--version'],
    modelsArgs: ['models'],
    commandFolders: openCodeFolders('.opencode', '.config/opencode'),
    quirks: { secondPromptSteers: true },
  },
  {
    id: 'kilo',
    name: 'Kilo CLI',
    command: 'kilo',
    args: ['acp'],
    binaryVariable: 'COPPICE_KILO_BIN',
    install: 'Install it with "npm install -g @kilocode/cli@7.7.7"',
    keys: modelMakers,
    writes: ['.config/kilo', '.local/share/kilo', '.local/state/kilo', '.cache/kilo'],
    signIn: 'Run "kilo auth login"',
    env: {
      KILO_DISABLE_AUTOUPDATE: '1',
      KILO_DISABLE_MODELS_FETCH: '1',
      KILO_DISABLE_LSP_DOWNLOAD: '1',
      KILO_DISABLE_DEFAULT_PLUGINS: '1',
      KILO_TELEMETRY_LEVEL: 'off',
      DO_NOT_TRACK: '1',
    },
    settings: { variables: ['KILO_CONFIG_CONTENT', 'OPENCODE_CONFIG_CONTENT'], values: askFirst },
    versionArgs: ['--version'],
    modelsArgs: ['models'],
    commandFolders: openCodeFolders('.kilo', '.config/kilo'),
    quirks: { secondPromptSteers: true },
  },
  {
    id: 'codex',
    name: 'Codex',
    command: 'codex-acp',
    args: [],
    binaryVariable: 'COPPICE_CODEX_BIN',
    install: 'Install it with "npm install -g @agentclientprotocol/codex-acp @openai/codex"',
    keys: ['OPENAI_API_KEY', 'CODEX_API_KEY'],
    writes: ['.codex'],
    signIn: 'Set OPENAI_API_KEY, or run "codex login"',
    env: {},
    commandFolders: [
      ...inHome('.codex/prompts', { form: 'markdown', typed: '/prompts:{}' }),
      ...inBoth('.agents/skills', { form: 'skill', typed: '${}' }),
      ...inBoth('.codex/skills', { form: 'skill', typed: '${}' }),
    ],
    // In its other modes it writes in the folder without asking.
    quirks: {
      askMode: 'read-only',
      signInWith: [
        { method: 'api-key', variable: 'CODEX_API_KEY' },
        { method: 'api-key', variable: 'OPENAI_API_KEY' },
      ],
    },
  },
  {
    id: 'qwen',
    name: 'Qwen Code',
    command: 'qwen',
    args: ['--acp'],
    binaryVariable: 'COPPICE_QWEN_BIN',
    install: 'Install it with "npm install -g @qwen-code/qwen-code"',
    keys: ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OPENAI_MODEL'],
    writes: ['.qwen'],
    signIn: 'Set OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL, or run "qwen" once and sign in',
    env: { QWEN_TELEMETRY_ENABLED: 'false' },
    commandFolders: [
      ...inBoth('.qwen/commands', { form: 'markdown', between: ':' }),
      ...inBoth('.qwen/commands', { form: 'toml', between: ':' }),
      ...inBoth('.qwen/skills', { form: 'skill', typed: '/skills {}' }),
    ],
    versionArgs: ['--version'],
    quirks: { askMode: 'default', signInWith: [{ method: 'openai', variable: 'OPENAI_API_KEY' }] },
  },
]
