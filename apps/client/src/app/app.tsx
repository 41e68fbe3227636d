import type { Replica } from '@coppice/replica'
import { Navigate, Route, Router } from '@solidjs/router'
import { lazy, type JSX } from 'solid-js'
import { Frame } from '../frame/frame.tsx'
import { ReplicaProvider } from '../sync/replica-context.tsx'
import HomePage from '../start/home-page.tsx'
import SessionPage from '../session/session-page.tsx'

const ChangesPage = lazy(() => import('../diff/changes-page.tsx'))
const ComparePage = lazy(() => import('../compare/compare-page.tsx'))
const EditorPage = lazy(() => import('../files/editor-page.tsx'))
const InboxPage = lazy(() => import('../inbox/inbox-page.tsx'))
const SearchPage = lazy(() => import('../search/search-page.tsx'))
const TerminalPage = lazy(() => import('../terminal/terminal-page.tsx'))
const SettingsPage = lazy(() => import('../settings/settings-page.tsx'))

/** The whole page over a replica: a real one, or in tests one with a server of the test's own behind it. */
export function App(props: { replica: Replica }): JSX.Element {
  return (
    <ReplicaProvider replica={props.replica}>
      <Router root={Frame}>
        <Route path="/" component={() => <HomePage />} />
        <Route path="/add" component={() => <HomePage adding />} />
        <Route path="/session/:sessionId" component={SessionPage} />
        <Route path="/session/:sessionId/changes" component={ChangesPage} />
        <Route path="/session/:sessionId/file" component={EditorPage} />
        <Route path="/group/:groupId" component={ComparePage} />
        <Route path="/session/:sessionId/terminal/:runId" component={TerminalPage} />
        <Route path="/inbox" component={InboxPage} />
        <Route path="/search" component={SearchPage} />
        <Route path="/settings/:page?" component={SettingsPage} />
        <Route path="*" component={() => <Navigate href="/" />} />
      </Router>
    </ReplicaProvider>
  )
}
