import { openReplica } from '@coppice/replica/browser'
import { render } from 'solid-js/web'
import { App } from './app/app.tsx'
import { NoSignIn } from './app/no-sign-in.tsx'
import { lastUser, signIn, type KnownUser } from './app/sign-in.ts'
import { deviceBodies } from './settings/device-bodies.ts'
import { watchForUpdates } from './app/updates.ts'
import './styles/index.css'

const root = document.getElementById('app')
if (root === null) throw new Error('The page has no #app element to draw into')
const place = root

const socketUrl = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/sync`

async function open(user: KnownUser): Promise<void> {
  const replica = await openReplica({
    userId: user.userId,
    socketUrl,
    appVersion: __APP_VERSION__,
    bodies: deviceBodies(),
  })
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
