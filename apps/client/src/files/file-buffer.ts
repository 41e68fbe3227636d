import { isRefusal, newId, workspaceLog, type OperationRow, type SessionRow } from '@coppice/events'
import type { QueryAnswer } from '@coppice/protocol'
import type { Replica } from '@coppice/replica'
import type { Extension } from '@codemirror/state'
import { createSignal, type Accessor } from 'solid-js'
import { toast } from '../parts/toasts.tsx'
import { sendToSession } from '../sync/commands.ts'
import type { CodeEditor } from './code-editor.ts'
import { mergeTexts } from './merge-texts.ts'
import type { Person } from '../parts/people.tsx'
import type { Base } from './file-document.ts'
import type { SharedFile } from './shared-file.ts'
import { keepUnsaved, readUnsaved, type Unsaved } from './unsaved.ts'

export type ReadFile = Extract<QueryAnswer<'file.read'>, { ok: true }>

/** How a file stands: as saved, typed in, on its way, or changed in the worktree at the same places. */
export type BufferState = 'saved' | 'changed' | 'saving' | 'conflict'

/** So long after the last letter what was typed is kept on the device, ms. */
const KEEP_AFTER_MS = 400
/** So long after coming in it is known who else is there, ms. */
const SETTLED_MS = 500

/**
 * What is typed into one file, what it began from, and how both meet what others write into the file: people who have it
 * open type into one text as soon as the server has told of it, an agent or a command writes to the worktree.
 */
export class FileBuffer {
  readonly state: Accessor<BufferState>
  /** Who else has the file open. */
  readonly others: Accessor<readonly Person[]>
  readonly #setState: (state: BufferState) => void
  readonly #setOthers: (others: readonly Person[]) => void
  readonly #replica: Replica
  readonly #session: () => SessionRow
  readonly #path: string
  readonly #me: Person
  #base: Base
  /** The text that the editor began with. */
  #begun: string
  #unsaved: Unsaved | undefined
  #shared: SharedFile | undefined
  #joined = false
  #editor: CodeEditor | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** The save that is on its way. */
  #saving: { operationId: string; text: string; sha256: string } | undefined
  /** What the worktree has that could not be merged. */
  #theirs: ReadFile | undefined

  constructor(replica: Replica, session: () => SessionRow, path: string, file: ReadFile, me: Person) {
    this.#replica = replica
    this.#session = session
    this.#path = path
    this.#base = { text: file.text, sha256: file.sha256 }
    this.#begun = file.text
    this.#me = me
    const [others, setOthers] = createSignal<readonly Person[]>([])
    this.others = others
    this.#setOthers = setOthers
    const [state, setState] = createSignal<BufferState>('saved')
    this.state = state
    this.#setState = setState
  }

  /** The text to begin with: the file's, or what was typed here before and not saved. */
  async begin(): Promise<string> {
    this.#begun = await this.#beginning()
    return this.#begun
  }

  async #beginning(): Promise<string> {
    const unsaved = await readUnsaved(this.#session().sessionId, this.#path)
    this.#unsaved = unsaved
    if (!unsaved || unsaved.text === this.#base.text) return this.#base.text
    if (unsaved.baseSha256 === this.#base.sha256) {
      this.#setState('changed')
      return unsaved.text
    }
    const merged = mergeTexts(unsaved.text, unsaved.base, this.#base.text)
    this.#setState(merged.conflicts > 0 ? 'conflict' : 'changed')
    return merged.text
  }

  opened(editor: CodeEditor): void {
    this.#editor = editor
    this.#share().catch((error: unknown) => console.error(`${this.#path} cannot be shared with others.`, error))
  }

  /** Goes into the room of the file: from then on all who have it open type into one text. */
  async #share(): Promise<void> {
    const { SharedFile, LARGEST_SHARED, roomOfFile } = await import('./shared-file.ts')
    const { sharedEditing } = await import('./shared-editing.ts')
    if (!this.#editor || this.#base.text.length > LARGEST_SHARED) return
    const { workspaceId, sessionId } = this.#session()
    const before = this.#unsaved?.shared
    const file = new SharedFile(roomOfFile(workspaceId, sessionId, this.#path), this.#me, before)
    this.#shared = file
    if (!before) await file.synced
    const editor = this.#editor
    if (!editor) return
    const { document } = file
    const base = document.base
    if (base === undefined) {
      document.seed(this.#base, editor.plain(this.#base.text))
      document.write(editor.plain(editor.text()))
    } else {
      // What the document has of this device is in it; what came into the editor besides is brought in.
      const from = before ? this.#begun : this.#base.text
      const mine = editor.text()
      if (mine !== from) document.write(mergeTexts(editor.plain(mine), editor.plain(from), document.text.toJSON()).text)
    }
    this.#base = document.base ?? this.#base
    editor.replace(document.text.toJSON())
    editor.share(sharedEditing(file))
    document.onBase((another) => {
      if (another) this.#takeOver(file, sharedEditing)
      this.#rebased(file)
      // The version that counts may be the older one: whoever knows of the newer one brings it in.
      if (another) void this.look(true)
    })
    this.#joined = true
    // Others are shown when one types into their text, and not before.
    file.onOthers(this.#setOthers)
    // What the document has goes before what was merged with the worktree without it.
    if (before) this.#setState('changed')
    this.#restate()
    await file.synced
    setTimeout(() => this.#editor && void this.look(), SETTLED_MS)
  }

  /** Two put the file into the room at once, and the other one's version counts: what was typed here goes over into that. */
  #takeOver(file: SharedFile, sharedEditing: (file: SharedFile) => Extension): void {
    const editor = this.#editor
    if (!editor) return
    const { document } = file
    const mine = editor.plain(editor.text())
    const theirs = document.text.toJSON()
    editor.share([])
    editor.replace(theirs)
    editor.share(sharedEditing(file))
    document.write(mergeTexts(mine, editor.plain(this.#base.text), theirs).text)
  }

  /** Somebody else saved, or merged what the worktree has. */
  #rebased({ document: { base } }: SharedFile): void {
    if (!base) return
    this.#base = base
    if (this.#theirs?.sha256 === base.sha256) this.#theirs = undefined
    if (this.state() === 'conflict' && !this.#theirs) this.#setState('changed')
    this.#restate()
    void this.#keep()
  }

  #began(from: Base): void {
    this.#base = { text: from.text, sha256: from.sha256 }
    this.#shared?.document.setBase(this.#base)
  }

  #restate(): void {
    const text = this.#editor?.text()
    if (text === undefined || (this.state() !== 'saved' && this.state() !== 'changed')) return
    this.#setState(text === this.#base.text ? 'saved' : 'changed')
  }

  changed(): void {
    if (!this.#editor) return
    this.#restate()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#keep(), KEEP_AFTER_MS)
  }

  async save(): Promise<void> {
    const editor = this.#editor
    if (!editor || this.#saving || this.state() !== 'changed') return
    const text = editor.text()
    await this.#keep()
    const name = this.#path.slice(this.#path.lastIndexOf('/') + 1)
    const content = await this.#replica.putBlob(new Blob([text]), { name, type: 'text/plain' })
    if (isRefusal(content)) return void toast(content.message, { bad: true })
    const operationId = newId()
    this.#saving = { operationId, text, sha256: content.sha256 }
    this.#setState('saving')
    const sent = await sendToSession(this.#replica, this.#session(), 'git.request', {
      operationId,
      operation: {
        kind: 'writeFile',
        path: this.#path,
        content,
        base: this.#base.sha256,
      },
    })
    if (!sent) this.#notSaved()
  }

  /** What became of operations: one of them may be this buffer's save. */
  operations(rows: readonly OperationRow[]): void {
    const saving = this.#saving
    const row = saving && rows.find((one) => one.operationId === saving.operationId)
    if (!saving || !row || row.state === 'requested' || row.state === 'running') return
    if (row.state !== 'completed') {
      this.#notSaved()
      if (row.message.includes('changed meanwhile')) void this.look()
      else toast(row.message, { bad: true })
      return
    }
    this.#began(saving)
    this.#saving = undefined
    this.#theirs = undefined
    this.#setState(this.#editor?.text() === saving.text ? 'saved' : 'changed')
    void this.#keep()
  }

  /**
   * Looks whether the file was changed in the worktree, and brings that in (F-10).
   * @param alone where nobody else can be waited for to do it
   */
  async look(alone = false): Promise<void> {
    if (this.#saving) return
    const { workspaceId, sessionId } = this.#session()
    const file = await this.#replica.query(workspaceLog(workspaceId), {
      kind: 'file.read',
      sessionId,
      path: this.#path,
    })
    const editor = this.#editor
    if (!file.ok || file.binary || file.tooLarge || this.#saving || !editor) return
    if (file.sha256 === this.#base.sha256 || file.sha256 === this.#theirs?.sha256) return this.#restate()
    const mine = editor.text()
    const merged = mergeTexts(mine, this.#base.text, file.text)
    if (merged.conflicts > 0) {
      this.#theirs = file
      this.#setState('conflict')
      return
    }
    // It comes to the others through the text that is shared.
    if (!alone && this.#shared?.leads === false) return
    this.#began(file)
    this.#theirs = undefined
    if (merged.text !== mine) editor.replace(merged.text)
    this.#setState(merged.text === file.text ? 'saved' : 'changed')
    if (mine !== this.#base.text)
      toast('The file was changed in the worktree; that is in your text now.', { icon: 'merge' })
    void this.#keep()
  }

  /** The way out of a conflict: theirs, one's own, or both between markers. */
  settle(how: 'theirs' | 'mine' | 'both'): void {
    const [editor, theirs] = [this.#editor, this.#theirs]
    if (!editor) return
    if (theirs) {
      if (how === 'theirs') editor.replace(theirs.text)
      if (how === 'both') editor.replace(mergeTexts(editor.text(), this.#base.text, theirs.text).text)
      this.#began(theirs)
      this.#theirs = undefined
    }
    this.#setState(editor.text() === this.#base.text ? 'saved' : 'changed')
    void this.#keep()
  }

  /** Throws away what was typed since the last save. */
  discard(): void {
    this.#editor?.replace(this.#base.text)
    this.settle('mine')
  }

  close(): void {
    if (this.#timer !== undefined) void this.#keep()
    this.#editor = undefined
    this.#shared?.close()
  }

  #notSaved(): void {
    this.#saving = undefined
    this.#setState('changed')
  }

  async #keep(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const text = this.#editor?.text()
    if (text === undefined) return
    const { text: base, sha256: baseSha256 } = this.#base
    const shared = this.#joined && this.#shared ? { shared: this.#shared.state() } : {}
    const unsaved = text === base ? undefined : { text, base, baseSha256, ...shared }
    try {
      await keepUnsaved(this.#session().sessionId, this.#path, unsaved)
    } catch (error) {
      console.error('What was typed could not be kept.', error)
      toast('This device has no room to keep what you type: save it before you close the page.', { bad: true })
    }
  }
}
