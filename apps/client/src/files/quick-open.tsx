import { workspaceLog, type SessionRow } from '@coppice/events'
import { ranked } from '@coppice/protocol'
import { useNavigate } from '@solidjs/router'
import { createEffect, createSignal, on, type JSX } from 'solid-js'
import { setPhonePanel } from '../frame/frame-state.ts'
import { Finder } from '../parts/finder.tsx'
import { Icon } from '../parts/icon.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { fileUrl } from './open-files.ts'
import { recentFiles } from './recent-files.ts'

/** A file of the session by some letters of its path; the ones opened last stand first (K-1, F-8). */
export default function QuickOpen(props: { session: SessionRow; onClose: () => void }): JSX.Element {
  const { replica } = useReplica()
  const navigate = useNavigate()
  const recent = recentFiles(props.session.sessionId)
  const [text, setText] = createSignal('')
  const [paths, setPaths] = createSignal<readonly string[]>(recent)
  const [note, setNote] = createSignal('')
  let asked = 0
  const ask = async (typed: string) => {
    asked += 1
    const mine = asked
    // What is known here stands there at once.
    setPaths(typed === '' ? recent : ranked(recent, typed, (path) => path, 15))
    const { workspaceId, sessionId } = props.session
    const answer = await replica.query(workspaceLog(workspaceId), { kind: 'files', sessionId, text: typed })
    if (mine !== asked) return
    if (!answer.ok) return void setNote(answer.message)
    setNote(answer.truncated ? 'Not all files of this worktree are looked through.' : '')
    setPaths(typed === '' ? [...new Set([...recent, ...answer.paths])].slice(0, 50) : answer.paths)
  }
  createEffect(on(text, (typed) => void ask(typed)))
  const choose = (path: string) => {
    const url = fileUrl(props.session.sessionId, path)
    props.onClose()
    setPhonePanel(false)
    navigate(url)
  }
  const said = () => {
    if (note() !== '' || paths().length > 0) return note()
    return text() === '' ? 'Looking at the files' : `No file fits “${text()}”.`
  }
  return (
    <Finder
      label="Open a file"
      field={{ label: 'File to open', placeholder: `Open a file of ${props.session.name}`, icon: 'file' }}
      listLabel="Files"
      text={text()}
      onText={setText}
      entries={paths()}
      choose={choose}
      note={said()}
      onClose={props.onClose}
    >
      {(path, index) => {
        const name = path.slice(path.lastIndexOf('/') + 1)
        return (
          <>
            <Icon name={text() === '' && index() < recent.length ? 'clock' : 'file'} size="small" />
            <span class="cut">{name}</span>
            <span class="cut grow text-12 text-meta">{path.slice(0, -name.length - 1)}</span>
          </>
        )
      }}
    </Finder>
  )
}
