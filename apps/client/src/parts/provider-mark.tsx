import type { JSX } from 'solid-js'

const marks: Record<string, { letter: string; name: string; hue: string }> = {
  'coppice-code': { letter: 'C', name: 'Coppice Code', hue: 'pv-coppice' },
  coppice: { letter: 'C', name: 'Coppice Code', hue: 'pv-coppice' },
  'claude-code': { letter: 'A', name: 'Claude Code', hue: 'pv-claude' },
  claude: { letter: 'A', name: 'Claude Code', hue: 'pv-claude' },
  codex: { letter: 'X', name: 'Codex', hue: 'pv-codex' },
  gemini: { letter: 'G', name: 'Gemini CLI', hue: 'pv-gemini' },
  opencode: { letter: 'O', name: 'OpenCode', hue: 'pv-opencode' },
  kilo: { letter: 'K', name: 'Kilo CLI', hue: 'pv-kilo' },
  qwen: { letter: 'Q', name: 'Qwen Code', hue: 'pv-qwen' },
  script: { letter: '$', name: 'Script', hue: 'pv-script' },
}

/** The provider's name for people. */
export const providerName = (provider: string): string => marks[provider]?.name ?? provider

/** A letter on a soft ground; no logos. The hue only helps to tell rows apart. */
export function ProviderMark(props: { provider: string }): JSX.Element {
  const mark = () =>
    marks[props.provider] ?? {
      letter: props.provider.slice(0, 1).toUpperCase(),
      name: props.provider,
      hue: 'pv-script',
    }
  return (
    <span class={`provider-mark ${mark().hue}`} role="img" aria-label={mark().name} title={mark().name}>
      {mark().letter}
    </span>
  )
}
