import { workspaceLog, type SessionRow } from '@coppice/events'
import { ranked, type AgentCommand } from '@coppice/protocol'
import { createEffect, createMemo, createSignal, on, type Accessor } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'
import { keep, readKept, type Kept } from './kept.ts'
import { mentionOf, type Token } from './token.ts'

/** One line of the list. */
export interface Option {
  readonly label: string
  readonly aside: string
  readonly icon: 'file' | 'terminal' | 'bolt'
  /** What is written into the message. */
  readonly words: string
}

const SHOWN = 50

/** The runner's answers to what is typed; what is on the device until they come, or where they do not. */
export interface Answers {
  options(token: Token): readonly Option[]
  /** Why what is listed may be old, or why nothing is; empty where all is well. */
  note(token: Token): string
  ask(token: Pick<Token, 'kind' | 'text'>): void
}

interface Told {
  readonly text: string
  readonly paths: readonly string[]
}

export function useAnswers(session: Accessor<SessionRow>): Answers {
  const { replica } = useReplica()
  const place = createMemo(() => `${session().workspaceId}/${session().sessionId}/${session().provider}`)
  const [kept, setKept] = createSignal<Kept>(readKept(session().sessionId))
  const [told, setTold] = createSignal<Told>()
  const [wrong, setWrong] = createSignal<Partial<Record<Token['kind'], string>>>({})
  createEffect(
    on(
      place,
      () => {
        setKept(readKept(session().sessionId))
        setTold(undefined)
        setWrong({})
      },
      { defer: true },
    ),
  )
  const commands = (): readonly AgentCommand[] => kept().commands[session().provider] ?? []

  /** One question of a kind at a time; of those that come meanwhile only the last is asked. */
  const busy = { file: false, command: false }
  const next: Partial<Record<Token['kind'], string>> = {}
  const ask = async (kind: Token['kind'], text: string): Promise<void> => {
    if (busy[kind]) {
      next[kind] = text
      return
    }
    busy[kind] = true
    try {
      await (kind === 'file' ? askFiles(text) : askCommands())
    } finally {
      busy[kind] = false
    }
    const later = next[kind]
    delete next[kind]
    if (later !== undefined && later !== text) await ask(kind, later)
  }
  const askFiles = async (text: string): Promise<void> => {
    const [here, { workspaceId, sessionId }] = [place(), session()]
    const answer = await replica.query(workspaceLog(workspaceId), { kind: 'files', sessionId, text })
    if (here !== place()) return
    setWrong((all) => ({ ...all, file: answer.ok ? '' : noFiles(answer) }))
    if (!answer.ok) return void setTold(undefined)
    setTold({ text, paths: answer.paths })
    setKept((old) => keep(sessionId, { ...old, paths: [...answer.paths, ...old.paths] }))
  }
  const askCommands = async (): Promise<void> => {
    const [here, { workspaceId, sessionId, provider }] = [place(), session()]
    const answer = await replica.query(workspaceLog(workspaceId), { kind: 'commands', sessionId, provider })
    if (here !== place()) return
    setWrong((all) => ({ ...all, command: answer.ok ? '' : noFiles(answer) }))
    if (!answer.ok) return
    setKept((old) => keep(sessionId, { ...old, commands: { ...old.commands, [provider]: answer.commands } }))
  }
  return {
    options(token) {
      if (token.kind === 'command')
        return ranked(commands(), token.text, ({ text }) => text.replace(/^\W/, ''), SHOWN).map(optionOf)
      const answer = told()
      const paths = answer?.text === token.text ? answer.paths : ranked(kept().paths, token.text, (path) => path, SHOWN)
      return paths.map((path) => {
        const name = path.slice(path.lastIndexOf('/') + 1)
        return { label: name, aside: path.slice(0, -name.length - 1), icon: 'file', words: mentionOf(path) }
      })
    },
    note: ({ kind }) => {
      const why = wrong()[kind] ?? ''
      if (why === '') return ''
      const any = kind === 'file' ? kept().paths.length > 0 : commands().length > 0
      return any ? `${why} These are from before.` : `${why} Nothing is kept on this device.`
    },
    ask: ({ kind, text }) => void ask(kind, text),
  }
}

const optionOf = ({ text, description, kind, from }: AgentCommand): Option => ({
  label: text,
  aside: [description, from === 'home' ? 'yours' : ''].filter((one) => one !== '').join(' · '),
  icon: kind === 'skill' ? 'bolt' : 'terminal',
  words: text,
})

function noFiles({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === 'offline') return 'Off line.'
  if (code === 'runner_away') return 'The runner is away.'
  return message
}
