import fs from 'node:fs'
import path from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { page } from './page.ts'

/** Vite puts a hash of the content into these names: they never change. */
const HASHED = /\/assets\/[^/]+-[\w-]{8,}\.\w+$/

/** Serves the built web app: files as they are, and the app's page for every other path, because it routes by itself. */
export function clientFiles(folder: string): Hono {
  const app = new Hono()
  const index = path.join(folder, 'index.html')
  if (!fs.existsSync(index)) {
    app.get('*', (c) =>
      c.html(
        page(
          'The web app is not built',
          '<p>This server has no web app to serve. Build it with <code>pnpm build</code>, then load this page again.</p>',
        ),
        503,
      ),
    )
    return app
  }
  app.use('*', async (c, next) => {
    await next()
    // Without a hash in its name a file must be asked for again, or an update would never be seen.
    c.header(
      'Cache-Control',
      HASHED.test(c.req.path) && c.res.status < 300 ? 'public, max-age=31536000, immutable' : 'no-cache',
    )
  })
  app.use('*', serveStatic({ root: folder, precompressed: true }))
  app.get('*', (c, next) => {
    // A missing script must not be answered with a page: the browser would try to run it.
    if (path.extname(c.req.path) !== '') return next()
    return serveStatic({ root: folder, path: 'index.html' })(c, next)
  })
  return app
}
