import { Show, type JSX } from 'solid-js'
import { exactTime } from '../format/time.ts'
import { Icon } from './icon.tsx'

/** Says that what stands below is what was told last. @param at ms since the epoch; nothing is said without it */
export function AsOf(props: { at: number | undefined }): JSX.Element {
  return (
    <Show when={props.at}>
      {(at) => (
        <p class="as-of" role="status">
          <Icon name="clock" size="small" />
          <span>As of {exactTime(at())}. The runner cannot be asked now.</span>
        </p>
      )}
    </Show>
  )
}
