import { Hono } from 'hono'
import { escapeHtml, page } from './page.ts'
import { isSameOrigin } from '../sign-in/same-origin.ts'
import type { Grant } from '../sign-in/one-time-links.ts'
import type { Person, SignIn } from '../sign-in/sign-in.ts'

const NEXT =
  '<p>For a new one, run <code>npx pnpm@10 coppice link</code> where the server runs, or ask the person who invited you.</p>'
const SPENT = `<p>This link was used already, or is older than a day. Nothing was changed.</p>${NEXT}`

const NAME_CHARS = 80

/**
 * `/join/TOKEN`: asks a name and signs in. Looking at the page uses nothing up, because mail scanners and chat previews
 * open links, too; the button does.
 */
export function joinPages(
  signIn: Pick<SignIn, 'peekLink' | 'join' | 'findPerson'>,
  names: { nameOf(userId: string): string | undefined; workspaceName(workspaceId: string): string | undefined },
): Hono {
  const app = new Hono()

  app.get('/:token', async (c) => {
    c.header('Cache-Control', 'no-store')
    const grant = await signIn.peekLink(c.req.param('token'))
    if (grant === undefined) return c.html(page('This link no longer works', SPENT), 410)
    const person = grant.kind === 'invitation' ? await signIn.findPerson(c.req.raw.headers) : undefined
    return c.html(page('Welcome to Coppice', form(grant, person, names)))
  })

  app.post('/:token', async (c) => {
    c.header('Cache-Control', 'no-store')
    const origin = c.req.header('origin')
    if (origin !== undefined && !isSameOrigin(origin, c.req.header('host')))
      return c.html(
        page(
          'Not from this page',
          '<p>This form was sent from another site, so nothing was done. Open the link itself.</p>',
        ),
        403,
      )
    const body = await c.req.parseBody()
    const name = typeof body['name'] === 'string' ? body['name'].trim() : undefined
    if (name !== undefined && (name.length < 1 || name.length > NAME_CHARS))
      return c.html(
        page(
          'A name is needed',
          `<p>It has 1 to ${NAME_CHARS} characters. Go back and give one; the link still works.</p>`,
        ),
        400,
      )
    const answer = await signIn.join(c.req.param('token'), name ?? '', c.req.raw.headers)
    if (!answer.ok) return c.html(page('This link no longer works', await explain(answer)), 410)
    for (const cookie of answer.headers.getSetCookie()) c.header('Set-Cookie', cookie, { append: true })
    return c.redirect('/', 303)
  })

  return app
}

async function explain(answer: Response): Promise<string> {
  const body: unknown = await answer.json()
  const message = typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : ''
  return `<p>${escapeHtml(message)} Nothing was changed.</p>${NEXT}`
}

function form(
  grant: Grant,
  person: Person | undefined,
  names: { nameOf(userId: string): string | undefined; workspaceName(workspaceId: string): string | undefined },
): string {
  switch (grant.kind) {
    case 'owner':
      return formOf(
        'You own this server. Under which name shall others see you?',
        'Sign in',
        names.nameOf(grant.userId) ?? '',
      )
    case 'device':
      return formOf(`Sign in on this device as ${names.nameOf(grant.userId) ?? 'yourself'}.`, 'Sign in')
    case 'invitation': {
      const where = names.workspaceName(grant.workspaceId) ?? 'a workspace'
      return person
        ? formOf(`You are invited to ${where} as ${grant.role}. You are signed in as ${person.name}.`, 'Join')
        : formOf(`You are invited to ${where} as ${grant.role}. Under which name shall others see you?`, 'Join', '')
    }
  }
}

function formOf(text: string, button: string, name?: string): string {
  const field =
    name === undefined
      ? ''
      : `<label for="name">Name</label><input id="name" name="name" required maxlength="${NAME_CHARS}" autocomplete="nickname" autofocus value="${escapeHtml(name)}">`
  return `<p>${escapeHtml(text)}</p><form method="post">${field}<button>${button}</button></form>`
}
