import type { JSX } from 'solid-js'
import { Button, IconButton } from '../parts/button.tsx'
import { toast } from '../parts/toasts.tsx'

/** A link or token that is shown once: to copy now, and then gone. */
export function SecretOnce(props: { label: string; value: string; note: string; onClose: () => void }): JSX.Element {
  return (
    <div class="block mt-2" role="group" aria-label={props.label}>
      <div class="body column">
        <div class="row">
          <input
            class="input small mono"
            readOnly
            aria-label={props.label}
            value={props.value}
            onFocus={(event) => event.currentTarget.select()}
          />
          <Button
            small
            icon="copy"
            onClick={() => void navigator.clipboard.writeText(props.value).then(() => toast('Copied'))}
          >
            Copy
          </Button>
          <IconButton icon="close" label="Done with it" onClick={() => props.onClose()} />
        </div>
        <p class="hint">{props.note}</p>
      </div>
    </div>
  )
}
