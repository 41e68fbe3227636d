import { DropdownMenu } from '@kobalte/core/dropdown-menu'
import { For, Show, type JSX } from 'solid-js'
import { Icon, type IconName } from './icon.tsx'
import { Keys } from './keys.tsx'
import { tellOfMenu } from './menus-here.ts'

export interface MenuAction {
  label: string
  icon?: IconName
  danger?: boolean
  disabled?: boolean
  /** Why it cannot be chosen now, said in the row. */
  why?: string
  checked?: boolean
  keys?: readonly string[]
  act: () => void
}

/** `null` draws a line between groups. */
export type MenuItems = readonly (MenuAction | null)[]

/** A menu under its button; arrow keys, first letters and Escape are Kobalte's. */
export function Menu(props: {
  label: string
  items: MenuItems
  trigger: JSX.Element
  class?: string
  title?: string
  head?: string
}): JSX.Element {
  tellOfMenu({ label: () => props.label, items: () => props.items })
  return (
    <DropdownMenu gutter={4} placement="bottom-end" modal={false}>
      <DropdownMenu.Trigger class={props.class ?? 'button quiet small'} aria-label={props.label} title={props.title}>
        {props.trigger}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content class="menu">
          <Show when={props.head}>
            <div class="menu-head">{props.head}</div>
          </Show>
          <For each={props.items}>
            {(item) =>
              item === null ? (
                <DropdownMenu.Separator />
              ) : (
                <DropdownMenu.Item
                  class="menu-item"
                  classList={{ danger: item.danger === true }}
                  disabled={item.disabled === true}
                  onSelect={() => item.act()}
                >
                  {item.icon ? <Icon name={item.icon} size="small" /> : null}
                  <span class="grow">
                    {item.label}
                    <Show when={item.disabled && item.why}>
                      <span class="block text-12 text-meta">{item.why}</span>
                    </Show>
                  </span>
                  <Show when={item.checked}>
                    <Icon name="check" size="small" />
                  </Show>
                  {item.keys ? <Keys of={item.keys} /> : null}
                </DropdownMenu.Item>
              )
            }
          </For>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  )
}
