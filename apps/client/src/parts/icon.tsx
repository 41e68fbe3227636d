import type { JSX } from 'solid-js'
import { iconPaths, type IconName } from './icon-paths.ts'

export type { IconName } from './icon-paths.ts'

/** A sign beside a word. Never alone: the control that holds it carries the name. */
export function Icon(props: { name: IconName; size?: 'small' | 'large' }): JSX.Element {
  return (
    <svg
      class="icon"
      classList={{ 'icon-small': props.size === 'small', 'icon-large': props.size === 'large' }}
      viewBox="0 0 24 24"
      aria-hidden="true"
    >
      <path d={iconPaths[props.name]} />
    </svg>
  )
}
