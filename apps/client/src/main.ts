import { beginReplicaWorker } from '@coppice/replica/browser/worker'
import { lastUser } from './app/last-user.ts'
import { replicaOptions } from './app/replica-options.ts'
import './styles/index.css'

// Before the page itself is loaded: the database opens while this thread reads and draws.
const known = lastUser()
beginReplicaWorker(known && replicaOptions(known.userId))
void import('./page.tsx')
