import { FitAddon } from '@xterm/addon-fit'
import { Terminal, type ITheme } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { stylesBySheet } from './styles-by-sheet.ts'
import { TerminalLink, type LinkState } from './terminal-link.ts'

const FONT = '"DejaVu Sans Mono", ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace'

export interface OpenTerminal {
  type(text: string): void
  focus(): void
  close(): void
}

/** The page's own colours, for a terminal's. */
function themeOf(element: HTMLElement): ITheme {
  const style = getComputedStyle(element)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  const ansi = (name: string): string => colour(`--ansi-${name}`)
  const eight = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'].map((name) => [
    name,
    ansi(name),
  ])
  const bright = eight.map(([name = '', value = '']) => [
    `bright${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    value,
  ])
  return {
    background: colour('--surface-sunken'),
    foreground: colour('--text-1'),
    cursor: colour('--accent'),
    cursorAccent: colour('--surface-sunken'),
    selectionBackground: colour('--accent-line'),
    ...Object.fromEntries([...eight, ...bright]),
  }
}

/** A terminal of a session, shown in an element. */
export function openTerminal(
  element: HTMLElement,
  path: string,
  told: { state(state: LinkState, why: string): void; mayWrite(write: boolean): void },
): OpenTerminal {
  const terminal = new Terminal({
    fontFamily: FONT,
    fontSize: 13,
    lineHeight: 1.2,
    scrollback: 10_000,
    screenReaderMode: true,
    theme: themeOf(element),
  })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  const dropStyles = stylesBySheet(() => terminal.open(element))
  let writes = false
  const ask = (): void => {
    const size = fit.proposeDimensions()
    if (size && writes) link.send({ k: 'size', columns: Math.max(2, size.cols), rows: Math.max(2, size.rows) })
  }
  const link = new TerminalLink(path, {
    state: (state, why) => told.state(state, why),
    news: (news) => {
      if (news.k === 'begin') {
        terminal.reset()
        writes = news.write
        terminal.options.disableStdin = !news.write
        told.mayWrite(news.write)
      }
      terminal.resize(news.columns, news.rows)
      if (news.k === 'begin') ask()
    },
    bytes: (bytes) => terminal.write(bytes),
  })
  terminal.onData((text) => link.send({ k: 'input', text }))
  const sizes = new ResizeObserver(ask)
  sizes.observe(element)
  const themes = new MutationObserver(() => (terminal.options.theme = themeOf(element)))
  themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return {
    type: (text) => link.send({ k: 'input', text }),
    focus: () => terminal.focus(),
    close() {
      sizes.disconnect()
      themes.disconnect()
      link.close()
      terminal.dispose()
      dropStyles()
    },
  }
}
