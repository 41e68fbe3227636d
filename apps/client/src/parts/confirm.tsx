import { For, Show, type JSX } from 'solid-js'
import { Button } from './button.tsx'
import { Dialog } from './overlay.tsx'

/** What is asked before something goes: it names what goes and what is kept. */
export interface Question {
  title: string
  text: string
  items?: readonly string[]
  /** The verb on the button, with its number: "Discard 3 files". */
  verb: string
  danger?: boolean
  act: () => void
}

export function Confirm(props: { question: Question | undefined; onClose: () => void }): JSX.Element {
  return (
    <Dialog
      open={props.question !== undefined}
      onClose={props.onClose}
      title={props.question?.title ?? ''}
      footer={
        <>
          <span class="grow" />
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button
            look={props.question?.danger ? undefined : 'primary'}
            danger={props.question?.danger}
            onClick={() => {
              props.question?.act()
              props.onClose()
            }}
          >
            {props.question?.verb}
          </Button>
        </>
      }
    >
      <p class="text-supports">{props.question?.text}</p>
      <Show when={(props.question?.items?.length ?? 0) > 0}>
        <ul class="list max-h-52 overflow-auto p-2">
          <For each={props.question?.items}>{(item) => <li class="mono cut">{item}</li>}</For>
        </ul>
      </Show>
    </Dialog>
  )
}
