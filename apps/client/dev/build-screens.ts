import path from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import { build } from 'vite'
import solid from 'vite-plugin-solid'

const root = path.resolve(import.meta.dirname, '..')

/** Builds the screens over their stand-in server into a folder. */
export async function buildScreens(folder: string): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    define: { __APP_VERSION__: JSON.stringify('test') },
    plugins: [solid(), tailwindcss()],
    build: {
      outDir: folder,
      emptyOutDir: true,
      modulePreload: { polyfill: false },
      target: 'es2023',
      rolldownOptions: { input: path.join(root, 'dev/index.html') },
    },
  })
}

/** `node apps/client/dev/build-screens.ts FOLDER`: for tests that find them there, by `COPPICE_SCREENS`. */
if (import.meta.main) await buildScreens(path.resolve(process.argv[2] ?? ''))
