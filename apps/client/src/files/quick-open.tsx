import { workspaceLog, type SessionRow } from '@coppice/events'
import { ranked } from '@coppice/protocol'
import { useNavigate } from '@solidjs/router'
import { createEffect, createSignal, For, on, Show, type JSX } from 'solid-js'
import { setPhonePanel } from '../frame/frame-state.ts'
import { Icon } from '../parts/icon.tsx'
import { Popup } from '../parts/overlay.tsx'
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
  const [at, setAt] = createSignal(0)
  let list: HTMLDivElement | undefined
  let asked = 0
  const ask = async (typed: string) => {
    asked += 1
    const mine = asked
    setAt(0)
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
  const choose = (path: string | undefined) => {
    if (path === undefined) return
    const url = fileUrl(props.session.sessionId, path)
    props.onClose()
    setPhonePanel(false)
    navigate(url)
  }
  const move = (step: number) => {
    setAt((n) => Math.min(paths().length - 1, Math.max(0, n + step)))
    list?.querySelector(`#quick-open-${at()}`)?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <Popup open label="Open a file" class="palette" onClose={props.onClose}>
      <label class="palette-query row">
        <Icon name="file" />
        <input
          role="combobox"
          aria-expanded="true"
          aria-controls="quick-open-list"
          aria-activedescendant={`quick-open-${at()}`}
          aria-label="File to open"
          placeholder={`Open a file of ${props.session.name}`}
          autocomplete="off"
          spellcheck={false}
          value={text()}
          autofocus
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
              event.preventDefault()
              move(event.key === 'ArrowDown' ? 1 : -1)
            }
            if (event.key === 'Enter') {
              event.preventDefault()
              choose(paths()[at()])
            }
          }}
        />
        <kbd aria-hidden="true">Esc</kbd>
      </label>
      <div ref={list} id="quick-open-list" class="palette-list" role="listbox" aria-label="Files">
        <For each={paths()}>
          {(path, index) => {
            const name = path.slice(path.lastIndexOf('/') + 1)
            return (
              <div
                id={`quick-open-${index()}`}
                class="menu-item"
                role="option"
                aria-selected={index() === at()}
                onPointerMove={() => setAt(index())}
                onClick={() => choose(path)}
              >
                <Icon name={text() === '' && index() < recent.length ? 'clock' : 'file'} size="small" />
                <span class="cut">{name}</span>
                <span class="cut grow text-12 text-meta">{path.slice(0, -name.length - 1)}</span>
              </div>
            )
          }}
        </For>
        <Show when={paths().length === 0 || note() !== ''}>
          <p class="px-2 py-3 text-12 text-meta" role="status">
            {note() === '' ? (text() === '' ? 'Looking at the files' : `No file fits “${text()}”.`) : note()}
          </p>
        </Show>
      </div>
    </Popup>
  )
}
