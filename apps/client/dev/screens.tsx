import { MemoryStore, openInPage } from '@coppice/replica'
import { render } from 'solid-js/web'
import { App } from '../src/app/app.tsx'
import { setSuggestedPath } from '../src/app/sign-in.ts'
import { setTheme } from '../src/frame/frame-state.ts'
import '../src/styles/index.css'
import { othersIn, registerRunner, settle } from './acts.ts'
import { answerQuery } from './answers.ts'
import { asks } from './asks.ts'
import { group } from './group.ts'
import { harbor } from './harbor.ts'
import { hostile } from './hostile.ts'
import { largeDiff } from './large-diff.ts'
import { long } from './long.ts'
import { someHooks } from './hooks.ts'
import { answerStreams, someTasks } from './tasks.ts'
import { play } from './playing-runner.ts'
import { answerRest } from './rest.ts'
import { StandInServer } from './stand-in-server.ts'

/**
 * The screens over a server inside the page, to look at and to test them. The address chooses: `?fixture=harbor`, `empty`
 * or `long`, `&at=/session/limit`, `&theme=light`, `&diff=1000` for so many changed files, `&play` for a runner that answers,
 * `&hold=Done.` for one that stops before that word.
 */
const search = new URLSearchParams(location.search)

function serverFor(fixture: string | null): StandInServer {
  if (fixture === 'long')
    return long(Date.now(), Number(search.get('messages') ?? '10000'), Number(search.get('others') ?? '5'))
  if (fixture === 'asks') return asks(Date.now())
  if (fixture === 'group') return group(Date.now())
  if (fixture === 'hostile') return hostile(Date.now())
  if (fixture !== 'empty') return harbor(Date.now())
  const server = new StandInServer({ userId: 'mara', name: 'mara' })
  settle(server, Date.now(), [{ userId: 'mara', name: 'mara' }])
  registerRunner(server, Date.now(), [
    {
      id: 'script',
      name: 'Script',
      available: true,
      reason: '',
      version: '1',
      models: [{ id: 'script', name: 'No model' }],
    },
    {
      id: 'opencode',
      name: 'OpenCode',
      available: false,
      reason: 'Not found. Install: npm install -g opencode-ai',
      version: '',
      models: [],
    },
  ])
  return server
}

answerStreams()
const server = serverFor(search.get('fixture'))
const diffFiles = search.get('diff')
server.onQuery = diffFiles === null ? answerQuery : largeDiff(Number(diffFiles))
answerRest(server)
if (search.get('fixture') === 'harbor') {
  someTasks(server)
  someHooks(server)
}
const goOn =
  search.has('play') &&
  play(
    server,
    search.get('answer') ?? 'I read the **rings** and they fit.\n\n- one\n- two\n\n```js\nconst age = 12\n```\n\nDone.',
    search.get('hold') ?? undefined,
  )
setSuggestedPath('/home/mara/code/harbor-api')
const theme = search.get('theme')
if (theme === 'light' || theme === 'dark') setTheme(theme)
history.replaceState(null, '', search.get('at') ?? '/')

/** Memory, but told as kept: the screens are looked at as they are in a browser with storage. */
const store = Object.defineProperty(new MemoryStore(), 'kind', {
  value: search.has('memory') ? 'memory' : 'persistent',
})

const replica = openInPage({
  store,
  userId: server.userId,
  clientId: 'screens',
  appVersion: 'dev',
  connect: () => server.connect(),
})
const place = document.getElementById('app')
if (place) render(() => <App replica={replica} />, place)
Object.assign(globalThis, { standIn: Object.assign(server, othersIn(server), { goOn }) })
