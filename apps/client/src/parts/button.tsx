import { splitProps, type JSX } from 'solid-js'
import { Icon, type IconName } from './icon.tsx'
import { Keys } from './keys.tsx'

export type ButtonProps = JSX.ButtonHTMLAttributes<HTMLButtonElement> & {
  /** One primary a view; `quiet` has no box until it is under the pointer. */
  look?: 'primary' | 'quiet' | undefined
  danger?: boolean | undefined
  small?: boolean | undefined
  icon?: IconName | undefined
  iconAfter?: IconName | undefined
  /** The shortcut that acts here, printed once, in `kbd`. */
  keys?: readonly string[] | undefined
}

const own = ['look', 'danger', 'small', 'icon', 'iconAfter', 'keys', 'class', 'children', 'type'] as const

/** A button with its words. */
export function Button(props: ButtonProps): JSX.Element {
  const [mine, rest] = splitProps(props, own)
  return (
    <button
      type={mine.type ?? 'button'}
      class={`button ${mine.look ?? ''} ${mine.danger ? 'danger' : ''} ${mine.small ? 'small' : ''} ${mine.class ?? ''}`}
      {...rest}
    >
      {mine.icon ? <Icon name={mine.icon} {...(mine.small ? { size: 'small' as const } : {})} /> : null}
      {mine.children}
      {mine.iconAfter ? <Icon name={mine.iconAfter} size="small" /> : null}
      {mine.keys ? <Keys of={mine.keys} /> : null}
    </button>
  )
}

/** A button that is only a sign; its name is for a screen reader and for the tooltip. */
export function IconButton(props: ButtonProps & { icon: IconName; label: string; large?: boolean }): JSX.Element {
  const [mine, rest] = splitProps(props, [...own, 'label', 'large'])
  return (
    <button
      type="button"
      class={`button square ${mine.look ?? 'quiet'} ${mine.danger ? 'danger' : ''} ${mine.small === false ? '' : 'small'} ${mine.class ?? ''}`}
      aria-label={mine.label}
      title={mine.label}
      {...rest}
    >
      <Icon name={mine.icon} {...(mine.large ? {} : { size: 'small' as const })} />
      {mine.children}
    </button>
  )
}
