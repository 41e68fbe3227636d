import { Hono } from 'hono'
import type { SignIn } from '../sign-in/sign-in.ts'

/** What of the sign-in library a browser may call; it has more than we use. */
const ROUTES = ['/get-session', '/sign-out', '/list-sessions', '/revoke-session', '/revoke-other-sessions']

/** `/api/auth/*`. Whatever may end a session is followed by a look at who is still connected by it. */
export function signInRoutes(signIn: Pick<SignIn, 'handle'>, credentialsEnded: () => void): Hono {
  const app = new Hono()
  for (const route of ROUTES) {
    app.all(route, async (c) => {
      const answer = await signIn.handle(c.req.raw)
      if (c.req.method !== 'GET') credentialsEnded()
      return answer
    })
  }
  return app
}
