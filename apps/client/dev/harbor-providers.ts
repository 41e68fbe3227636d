const models = (...ids: string[]) => ids.map((id) => ({ id, name: id }))

/** What the runner oak-2 found on its machine. */
export const providers = [
  {
    id: 'claude-code',
    name: 'Claude Code',
    available: true,
    reason: '',
    version: '2.0.41',
    models: models('sonnet-4.5', 'opus-4.1'),
  },
  {
    id: 'coppice-code',
    name: 'Coppice Code',
    available: true,
    reason: '',
    version: '0.1',
    models: models('gpt-5', 'local'),
  },
  { id: 'codex', name: 'Codex', available: true, reason: '', version: '0.58', models: models('gpt-5-codex') },
  {
    id: 'gemini',
    name: 'Gemini CLI',
    available: false,
    reason: 'Found on oak-2, signed out. Run gemini once there and sign in.',
    version: '0.61',
    models: [],
  },
  {
    id: 'opencode',
    name: 'OpenCode',
    available: false,
    reason: 'Not found on oak-2. Install: npm install -g opencode-ai',
    version: '',
    models: [],
  },
  { id: 'script', name: 'Script', available: true, reason: '', version: '1', models: models('script') },
]
