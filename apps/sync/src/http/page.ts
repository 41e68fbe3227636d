import { html, raw } from 'hono/html'

/** A page of the server itself, for what comes before the web app can run. `body` is markup; escape what goes into it. */
export function page(title: string, body: string) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Coppice</title>
        <link rel="stylesheet" href="/server-page.css" />
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${raw(body)}
        </main>
      </body>
    </html>`
}

/** The style of {@link page}; served as a file because the policy forbids style elements. */
export const PAGE_STYLE = `
:root { font: 16px/1.5 system-ui, sans-serif; color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { width: min(26rem, calc(100vw - 3rem)); }
h1 { font-size: 1.4rem; margin: 0 0 0.5rem; }
label { display: block; margin: 1.25rem 0 0.25rem; font-weight: 600; }
input { width: 100%; box-sizing: border-box; font: inherit; padding: 0.5rem 0.6rem; border: 1px solid GrayText; border-radius: 6px; }
button { margin-top: 1rem; font: inherit; font-weight: 600; padding: 0.5rem 1rem; border: 0; border-radius: 6px; background: #2f6f4f; color: #fff; cursor: pointer; }
button:focus-visible, input:focus-visible { outline: 2px solid #2f6f4f; outline-offset: 2px; }
code { font-family: ui-monospace, monospace; font-size: 0.95em; }
`

/** A text as it may stand in markup and in quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
