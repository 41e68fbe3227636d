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
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
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
:root { font: 14px/1.45 Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color-scheme: dark; --ground: #121413; --field: #0c0e0d; --line: #69716d; --text: #e9ecea; --quiet: #bbc2be; --action: #94bd6b; --on-action: #10160a; --focus: #a9d27f; }
@media (prefers-color-scheme: light) { :root { color-scheme: light; --ground: #ffffff; --field: #ffffff; --line: #858d88; --text: #191d1a; --quiet: #444c47; --action: #4b7a28; --on-action: #ffffff; --focus: #4b7a28; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--text); }
main { width: min(26rem, calc(100vw - 3rem)); }
h1 { font-size: 1.25rem; font-weight: 600; margin: 0 0 0.5rem; }
p { margin: 0 0 0.75rem; color: var(--quiet); }
label { display: block; margin: 1.25rem 0 0.25rem; font-weight: 500; }
input { width: 100%; box-sizing: border-box; font: inherit; color: inherit; padding: 0.5rem 0.6rem; background: var(--field); border: 1px solid var(--line); border-radius: 6px; }
button { margin-top: 1rem; font: inherit; font-weight: 500; padding: 0.45rem 1rem; border: 0; border-radius: 6px; background: var(--action); color: var(--on-action); cursor: pointer; }
button:focus-visible, input:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 0.95em; }
`

/** A text as it may stand in markup and in quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
