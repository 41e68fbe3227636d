import type { SessionRow } from '@coppice/events'
import { useNavigate, useParams, useSearchParams } from '@solidjs/router'
import { Show, type JSX } from 'solid-js'
import { Head } from '../frame/head.tsx'
import { IconButton } from '../parts/button.tsx'
import { useRow } from '../sync/replica-context.tsx'
import { ChangesView } from './changes-view.tsx'
import { scopeOf, scopeText } from './scope-words.ts'

/** What a session changed: the page of its own at `/session/:id/changes?against=…&file=…`. */
export default function ChangesPage(): JSX.Element {
  const params = useParams()
  const [search, setSearch] = useSearchParams()
  const navigate = useNavigate()
  const sessionId = () => params['sessionId'] ?? ''
  const session = useRow('sessions', sessionId)
  const back = () => navigate(`/session/${sessionId()}`)
  return (
    <main class="main">
      <Show
        when={session()}
        keyed={false}
        fallback={
          <Head>
            <IconButton icon="back" label="Back to the session" large onClick={back} />
            <h1 class="cut">Changes</h1>
            <span class="grow" />
          </Head>
        }
      >
        {(row: () => SessionRow) => (
          <ChangesView
            session={row()}
            scope={scopeOf(search['against'])}
            setScope={(scope) => setSearch({ against: scopeText(scope), file: undefined })}
            wanted={typeof search['file'] === 'string' ? search['file'] : undefined}
            back={back}
          />
        )}
      </Show>
    </main>
  )
}
