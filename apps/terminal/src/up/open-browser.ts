import { spawn } from 'node:child_process'

/** Opens the link where there is a desktop to open it on; elsewhere the printed link has to do. */
export function openBrowser(link: string): void {
  const hasDesktop =
    process.platform !== 'linux' || process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined
  if (!hasDesktop) return
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', link]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', link]
        : ['xdg-open', link]
  if (command === undefined) return
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.on('error', () => process.stderr.write('The browser could not be opened; use the link above.\n'))
  child.unref()
}
