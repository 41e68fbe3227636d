import type { JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'

/** What stands where nobody is signed in and nothing is kept here: how to get in. */
export function NoSignIn(props: { unreachable: boolean }): JSX.Element {
  return (
    <main class="grid h-dvh place-items-center">
      <div class="empty max-w-96">
        <span class="text-accent">
          <Icon name="coppice" size="large" />
        </span>
        <h1 class="title text-16">{props.unreachable ? 'The server cannot be reached' : 'You are not signed in'}</h1>
        <p>
          {props.unreachable
            ? 'This browser has no copy of its own yet, so there is nothing to show. It is tried again when you reload.'
            : 'Coppice signs in with a link. Where the server runs, this prints a new one:'}
        </p>
        {props.unreachable ? null : <pre class="command-text mt-2">coppice link</pre>}
        {props.unreachable ? null : (
          <p class="text-meta">
            On another device of yours: Settings, Tokens, “Sign in another device”. Invited? Open the link you were
            sent.
          </p>
        )}
        <Button onClick={() => location.reload()}>Try again</Button>
      </div>
    </main>
  )
}
