import type { Maker } from './entry.ts'

export type Endpoint = { readonly baseURL: string; readonly apiKey: string }

/** The endpoints that the environment has a key for. */
export type Endpoints = Readonly<Partial<Record<Maker, Endpoint>>>

/**
 * Reads the usual variables: ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY (or GOOGLE_API_KEY), and the _BASE_URL of
 * each. An OPENAI_BASE_URL without a key is a server on one's own machine, which needs none.
 */
export function endpointsOf(env: NodeJS.ProcessEnv): Endpoints {
  const anthropicKey = env['ANTHROPIC_API_KEY']
  const openaiKey = env['OPENAI_API_KEY'] ?? (env['OPENAI_BASE_URL'] ? 'none' : undefined)
  const googleKey = env['GEMINI_API_KEY'] ?? env['GOOGLE_API_KEY']
  return {
    ...(anthropicKey && {
      anthropic: { apiKey: anthropicKey, baseURL: withVersion(env['ANTHROPIC_BASE_URL'] ?? anthropic, 'v1') },
    }),
    ...(openaiKey && { openai: { apiKey: openaiKey, baseURL: trimmed(env['OPENAI_BASE_URL'] ?? openai) } }),
    ...(googleKey && {
      google: { apiKey: googleKey, baseURL: withVersion(env['GOOGLE_GEMINI_BASE_URL'] ?? google, 'v1beta') },
    }),
  }
}

const anthropic = 'https://api.anthropic.com'
const openai = 'https://api.openai.com/v1'
const google = 'https://generativelanguage.googleapis.com'

/** The CLIs of these makers take the address with and without its version. */
function withVersion(url: string, version: string): string {
  const plain = trimmed(url)
  return /\/v\d+\w*$/.test(plain) ? plain : `${plain}/${version}`
}

function trimmed(url: string): string {
  return url.trim().replace(/\/+$/, '')
}
