import type { SessionRow } from '@coppice/events'
import { createEffect, createMemo, createSignal, For, on, Show, type Accessor, type JSX } from 'solid-js'
import { Icon } from '../parts/icon.tsx'
import { useAnswers, type Option } from './answers.ts'
import { caretPlace } from './caret-place.ts'
import { put, tokenAt, type Token } from './token.ts'

const WIDTH = 380

/** What the message box needs of the list over it, and the list of it. */
export interface Picker {
  readonly shown: Accessor<boolean>
  readonly token: Accessor<Token | undefined>
  readonly options: Accessor<readonly Option[]>
  readonly note: Accessor<string>
  readonly at: Accessor<number>
  readonly place: Accessor<JSX.CSSProperties>
  point(at: number): void
  take(at: number): void
  /** The caret may be elsewhere. */
  moved(): void
  /** The person is about to write: what may be picked is fetched. */
  entered(): void
  left(): void
  /** @returns whether the key was for the list */
  key(event: KeyboardEvent): boolean
}

export function usePicker(of: {
  session: Accessor<SessionRow>
  box: () => HTMLTextAreaElement | undefined
  text: Accessor<string>
  write: (text: string, caret: number) => void
}): Picker {
  const answers = useAnswers(of.session)
  const [caret, setCaret] = createSignal<number>()
  /** Where a list was shut: it stays so until the caret is in something else. */
  const [shutAt, setShutAt] = createSignal<number>()
  const [at, setAt] = createSignal(0)
  const token = createMemo(
    () => {
      const place = caret()
      return place === undefined ? undefined : tokenAt(of.text(), place)
    },
    undefined,
    { equals: (a, b) => a?.kind === b?.kind && a?.from === b?.from && a?.to === b?.to && a?.text === b?.text },
  )
  createEffect(
    on(token, (now) => {
      setAt(0)
      if (now === undefined || now.from !== shutAt()) setShutAt(undefined)
      if (now) answers.ask(now)
    }),
  )
  const live = createMemo(() => {
    const now = token()
    return now !== undefined && now.from !== shutAt() ? now : undefined
  })
  const options = createMemo((): readonly Option[] => {
    const now = live()
    return now ? answers.options(now) : []
  })
  const note = (): string => {
    const now = live()
    return now ? answers.note(now) : ''
  }
  // A list that is empty says so where nothing was typed yet; later it would be in the way of who means something else.
  const shown = (): boolean => live() !== undefined && (options().length > 0 || live()?.text === '')
  const moved = (): void => {
    const box = of.box()
    const collapsed = box !== undefined && box.selectionStart === box.selectionEnd
    setCaret(collapsed && document.activeElement === box ? box.selectionStart : undefined)
  }
  const take = (index: number): void => {
    const [now, option, box] = [live(), options()[index], of.box()]
    if (!now || !option || !box) return
    const picked = put(of.text(), now, option.words)
    of.write(picked.text, picked.caret)
    box.focus()
    box.setSelectionRange(picked.caret, picked.caret)
    moved()
  }
  /** Whether the chosen one is written out already: then Enter is for the message. */
  const writtenOut = (): boolean => {
    const now = live()
    return now !== undefined && of.text().slice(now.from, now.to) === options()[at()]?.words
  }
  return {
    shown,
    token: live,
    options,
    note,
    at: () => Math.min(at(), Math.max(0, options().length - 1)),
    place: createMemo((): JSX.CSSProperties => {
      const [now, box] = [live(), of.box()]
      if (!now || !box) return {}
      const { left, top } = caretPlace(box, now.from)
      const least = Math.max(0, Math.min(left - 8, box.clientWidth - WIDTH))
      return { left: `${least}px`, bottom: `calc(100% - ${Math.max(0, top)}px + 4px)`, width: `${WIDTH}px` }
    }),
    point: setAt,
    take,
    moved,
    entered() {
      answers.ask({ kind: 'file', text: '' })
      answers.ask({ kind: 'command', text: '' })
      moved()
    },
    left: () => setCaret(undefined),
    key(event) {
      if (!shown() || event.isComposing) return false
      if (event.key === 'Escape') {
        setShutAt(token()?.from)
        return true
      }
      const count = options().length
      if (count === 0) return false
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        setAt((n) => (Math.min(n, count - 1) + (event.key === 'ArrowDown' ? 1 : count - 1)) % count)
        return true
      }
      const takes = event.key === 'Tab' || (event.key === 'Enter' && !writtenOut())
      if (!takes || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return false
      take(at())
      return true
    },
  }
}

const LIST = 'picker-list'
const optionId = (at: number): string => `picker-${at}`

/** What tells assistive technology that the box has a list now. */
export function comboboxOf(picker: Picker): JSX.HTMLAttributes<HTMLTextAreaElement> {
  if (!picker.shown()) return {}
  return {
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-haspopup': 'listbox',
    'aria-expanded': true,
    'aria-controls': LIST,
    ...(picker.options().length > 0 && { 'aria-activedescendant': optionId(picker.at()) }),
  }
}

/** The list over the message box, by the caret; as wide as the box on a phone. */
export function PickerList(props: { picker: Picker }): JSX.Element {
  let list: HTMLDivElement | undefined
  const { picker } = props
  createEffect(() => {
    if (picker.shown()) list?.querySelector(`#${optionId(picker.at())}`)?.scrollIntoView({ block: 'nearest' })
  })
  const command = () => picker.token()?.kind === 'command'
  const empty = () => (command() ? 'This agent has no commands or skills here.' : 'There are no files.')
  return (
    <Show when={picker.shown()}>
      {/* The box keeps the focus, also while somebody scrolls in the list. */}
      <div class="menu picker" style={picker.place()} onMouseDown={(event) => event.preventDefault()}>
        <div ref={list} id={LIST} role="listbox" aria-label={command() ? 'Commands and skills' : 'Files'}>
          <For each={picker.options()}>
            {(option, index) => (
              <div
                id={optionId(index())}
                class="menu-item"
                role="option"
                aria-selected={index() === picker.at()}
                onPointerMove={() => picker.point(index())}
                onClick={() => picker.take(index())}
              >
                <Icon name={option.icon} size="small" />
                <span class="picker-label">{option.label}</span>
                <span class="picker-aside" title={option.aside}>
                  {option.aside}
                </span>
              </div>
            )}
          </For>
        </div>
        <Show when={picker.note() !== '' || picker.options().length === 0}>
          <p class="picker-note" role="status">
            {picker.note() || empty()}
          </p>
        </Show>
      </div>
    </Show>
  )
}
