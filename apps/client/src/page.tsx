import { openReplica } from '@coppice/replica/browser'
import { render } from 'solid-js/web'
import { App } from './app/app.tsx'
import { NoSignIn } from './app/no-sign-in.tsx'
import { lastUser, type KnownUser } from './app/last-user.ts'
import { replicaOptions } from './app/replica-options.ts'
import { signIn } from './app/sign-in.ts'
import { watchForUpdates } from './app/updates.ts'

const root = document.getElementById('app')
if (root === null) throw new Error('The page has no #app element to draw into')
const place = root

async function open(user: KnownUser): Promise<void> {
  const replica = await openReplica(replicaOptions(user.userId))
  render(() => <App replica={replica} />, place)
}

/** With a copy of its own the page opens at once, whatever the server says later; without one it asks first. */
async function start(): Promise<void> {
  const known = lastUser()
  if (known) await open(known)
  const answer = await signIn()
  if (answer.kind === 'in') {
    if (known === undefined) await open(answer.user)
    else if (known.userId !== answer.user.userId) location.reload()
  } else if (known === undefined) {
    render(() => <NoSignIn unreachable={answer.kind === 'unreachable'} />, place)
  }
}

void start()
if (import.meta.env.PROD) void watchForUpdates()
