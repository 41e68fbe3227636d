import { createSignal, For, type JSX } from 'solid-js'
import { Button, IconButton } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'

interface Toast {
  id: number
  text: string
  icon: IconName
  bad: boolean
  action?: { label: string; act: () => void }
}

const [toasts, setToasts] = createSignal<readonly Toast[]>([])
let next = 1

/** How long a toast that tells of success stands; one that tells of trouble stays until it is closed. */
const STANDS_MS = 6_000

/** Says what happened and what comes next, for what no row shows. */
export function toast(
  text: string,
  more: { bad?: boolean; stays?: boolean; icon?: IconName; action?: { label: string; act: () => void } } = {},
): void {
  const id = next++
  const bad = more.bad ?? false
  const icon = more.icon ?? (bad ? 'alert' : 'check')
  setToasts((old) => [...old.slice(-3), { id, text, bad, icon, ...(more.action ? { action: more.action } : {}) }])
  if (!bad && more.stays !== true) setTimeout(() => close(id), STANDS_MS)
}

const close = (id: number): void => {
  setToasts((old) => old.filter((one) => one.id !== id))
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      <For each={toasts()}>
        {(one) => (
          <div class="toast">
            <span classList={{ 'text-failed': one.bad }}>
              <Icon name={one.icon} size="small" />
            </span>
            <span class="grow">{one.text}</span>
            {one.action ? (
              <Button
                small
                look="quiet"
                onClick={() => {
                  one.action?.act()
                  close(one.id)
                }}
              >
                {one.action.label}
              </Button>
            ) : null}
            <IconButton icon="close" label="Close" onClick={() => close(one.id)} />
          </div>
        )}
      </For>
    </div>
  )
}
