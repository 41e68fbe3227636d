import type { Replica } from '@coppice/replica'
import { createMemo, createSignal, createUniqueId, For, Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { setSecret, type SecretList, type SecretsOf } from './ask-runner.ts'
import { readEnvText, type EnvEntry } from './env-text.ts'

const LARGEST_FILE = 256 * 1024

/** Sets many variables from a .env text at once: pasted or from a file, hidden as it is typed, each told how it went. */
export default function ImportEnv(props: {
  replica: Replica
  of: SecretsOf
  title: string
  /** Names that are set already: they are replaced. */
  known: readonly string[]
  onTaken: (list: SecretList) => void
  onClose: () => void
}): JSX.Element {
  const [text, setText] = createSignal('')
  const [unreadable, setUnreadable] = createSignal<string>()
  const [left, setLeft] = createSignal<readonly string[]>([])
  const [results, setResults] = createSignal<ReadonlyMap<string, string>>(new Map())
  const [working, setWorking] = createSignal(false)
  const read = createMemo(() => readEnvText(text()))
  const chosen = () => read().entries.filter(({ name }) => !left().includes(name) && results().get(name) !== '')
  const take = async (file: File | undefined) => {
    if (!file) return
    setUnreadable(undefined)
    if (file.size > LARGEST_FILE)
      return setUnreadable(
        `${file.name} has more than ${LARGEST_FILE / 1024} KiB: that is no .env file. Nothing was read.`,
      )
    setText(await file.text())
  }
  const set = async () => {
    setWorking(true)
    // One after the other: each answer is the whole list, and the last one counts.
    for (const { name, value } of chosen()) {
      const answer = await setSecret(props.replica, props.of, name, value)
      setResults(new Map(results()).set(name, answer.ok ? '' : answer.message))
      if (answer.ok) props.onTaken(answer)
      // What is wrong with one value may be right with the next; a runner that is away is away for all.
      else if (answer.code !== 'refused') break
    }
    setWorking(false)
    if (read().entries.every(({ name }) => left().includes(name) || results().get(name) === '')) props.onClose()
  }
  const toggle = (name: string) =>
    setLeft(left().includes(name) ? left().filter((one) => one !== name) : [...left(), name])
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={`Import variables: ${props.title}`}
      footer={
        <>
          <span class="grow" />
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button look="primary" disabled={working() || chosen().length === 0} onClick={() => void set()}>
            {working() ? 'Setting …' : `Set ${plural(chosen().length, 'variable')}`}
          </Button>
        </>
      }
    >
      <Field label="Text of a .env file">
        {({ id }) => (
          <textarea
            id={id}
            class="input mono masked"
            rows={4}
            autocomplete="off"
            spellcheck={false}
            value={text()}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="row mt-2">
        <label class="button quiet small">
          Read a file …
          <input
            type="file"
            class="sr-only"
            aria-label="A .env file"
            onChange={(event) => void take(event.currentTarget.files?.[0])}
          />
        </label>
      </div>
      <p class="hint">
        Values are shown nowhere and are not kept on this device; each goes to the runner, encrypted. What is too short
        to be kept secret there is refused.
      </p>
      <Show when={unreadable()}>
        {(why) => (
          <p class="hint bad" role="alert">
            {why()}
          </p>
        )}
      </Show>
      <ul class="list" aria-label="Variables found">
        <For each={read().entries}>
          {(entry) => (
            <EntryLine
              entry={entry}
              on={!left().includes(entry.name)}
              replaces={props.known.includes(entry.name)}
              result={results().get(entry.name)}
              onToggle={() => toggle(entry.name)}
            />
          )}
        </For>
      </ul>
      <For each={read().problems}>
        {({ line, why }) => (
          <p class="hint bad">
            Line {line}: {why}.
          </p>
        )}
      </For>
    </Dialog>
  )
}

function EntryLine(props: {
  entry: EnvEntry
  on: boolean
  replaces: boolean
  result: string | undefined
  onToggle: () => void
}): JSX.Element {
  const id = createUniqueId()
  return (
    <li class="list-row">
      <input
        id={id}
        type="checkbox"
        checked={props.on}
        disabled={props.result === ''}
        onChange={() => props.onToggle()}
      />
      <label for={id} class="row flex-wrap !gap-y-0">
        <code class="font-medium cut">{props.entry.name}</code>
        <span class="text-12 text-meta">
          {plural(props.entry.value.length, 'character')}
          {props.result === '' ? ', set' : props.replaces ? ', replaces what is set' : ''}
        </span>
        <Show when={props.result}>
          {(why) => (
            <span class="hint bad" role="alert">
              {why()}
            </span>
          )}
        </Show>
      </label>
    </li>
  )
}
