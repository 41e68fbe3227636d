import tailwindcss from '@tailwindcss/vite'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import solid from 'vite-plugin-solid'

/** Where `pnpm dev` finds the server; the built client is served by the server itself. */
const server = process.env['COPPICE_SERVER'] ?? 'http://127.0.0.1:4870'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string }

/** The files of an empty database, for browsers to unpack, are there before anything asks for them. */
const emptyDatabase: Plugin = {
  name: 'empty-database',
  config() {
    const script = fileURLToPath(import.meta.resolve('@coppice/replica/make-empty-database'))
    execFileSync(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit'] })
  },
}

/** The page is loaded by the small script that starts the replica's worker; the browser is told of it as soon as of that. */
const pagePreload: Plugin = {
  name: 'page-preload',
  transformIndexHtml: {
    order: 'post',
    handler(_html, { bundle, chunk }) {
      const files = new Set<string>()
      const take = (name: string): void => {
        const file = bundle?.[name]
        if (files.has(name) || file?.type !== 'chunk' || file === chunk) return
        files.add(name)
        file.imports.forEach(take)
      }
      chunk?.dynamicImports.forEach(take)
      return [...files].map((name) => ({
        tag: 'link',
        attrs: { rel: 'modulepreload', crossorigin: true, href: `/${name}` },
        injectTo: 'body' as const,
      }))
    },
  },
}

export default defineConfig({
  define: { __APP_VERSION__: JSON.stringify(version) },
  plugins: [
    emptyDatabase,
    pagePreload,
    solid(),
    tailwindcss(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/app',
      filename: 'service-worker.ts',
      injectRegister: false,
      registerType: 'prompt',
      manifest: {
        id: '/',
        name: 'Coppice',
        short_name: 'Coppice',
        description: 'AI coding sessions in git worktrees, kept as a log of events.',
        start_url: '/',
        display: 'standalone',
        background_color: '#121413',
        theme_color: '#0e100f',
        icons: [
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
        ],
      },
      // The database's own files too: without them nothing but the list could be read off line.
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,woff2,svg,png,wasm,data,tgz}'],
        maximumFileSizeToCacheInBytes: 20_000_000,
      },
    }),
  ],
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['@electric-sql/pglite'] },
  build: { target: 'es2023', modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': server,
      '/join': server,
      '/health': server,
      '/sync': { target: server, ws: true },
    },
  },
})
