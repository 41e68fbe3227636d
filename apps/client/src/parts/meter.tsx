import type { JSX } from 'solid-js'

/** A thin bar of how far something is, 0 to 1; amber and red are the caller's choice of look. */
export function Meter(props: {
  value: number
  label: string
  look?: 'accent' | 'working' | 'warn' | 'full' | undefined
}): JSX.Element {
  const percent = () => Math.round(Math.min(1, Math.max(0, props.value)) * 100)
  return (
    <span
      class={`meter ${props.look ?? ''}`}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent()}
    >
      <span style={{ width: `${percent()}%` }} />
    </span>
  )
}
