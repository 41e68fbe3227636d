import { createEffect, createSignal, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Dialog } from '../parts/overlay.tsx'

/** A name that is asked for before something is made or renamed. */
export interface NameQuestion {
  readonly title: string
  readonly label: string
  readonly hint: string
  readonly value: string
  readonly verb: string
  readonly act: (name: string) => void
}

export function NameDialog(props: { question: NameQuestion | undefined; onClose: () => void }): JSX.Element {
  const [name, setName] = createSignal('')
  createEffect(() => setName(props.question?.value ?? ''))
  const clean = () =>
    name()
      .trim()
      .replace(/^\/+|\/+$/g, '')
  const usable = () => clean() !== '' && clean() !== props.question?.value
  const act = () => {
    if (!usable()) return
    props.question?.act(clean())
    props.onClose()
  }
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
          <Button look="primary" disabled={!usable()} onClick={act}>
            {props.question?.verb}
          </Button>
        </>
      }
    >
      <Field label={props.question?.label ?? ''} hint={props.question?.hint}>
        {({ id, describedBy }) => (
          <input
            id={id}
            class="input"
            autofocus
            autocomplete="off"
            spellcheck={false}
            aria-describedby={describedBy}
            value={name()}
            onInput={(event) => setName(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return
              event.preventDefault()
              act()
            }}
          />
        )}
      </Field>
    </Dialog>
  )
}
