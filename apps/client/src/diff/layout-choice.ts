import { createSignal, type Accessor } from 'solid-js'

/** How somebody looks at diffs, remembered on the device. */
export interface LayoutChoice {
  readonly split: Accessor<boolean>
  readonly setSplit: (split: boolean) => void
  readonly ignoreSpace: Accessor<boolean>
  readonly setIgnoreSpace: (ignore: boolean) => void
}

const NAME = 'coppice:diff-layout'

export function useLayoutChoice(): LayoutChoice {
  const [split, setSplit] = createSignal(localStorage.getItem(NAME) !== 'unified')
  const [ignoreSpace, setIgnoreSpace] = createSignal(false)
  return {
    split,
    setSplit(now) {
      setSplit(now)
      localStorage.setItem(NAME, now ? 'split' : 'unified')
    },
    ignoreSpace,
    setIgnoreSpace,
  }
}
