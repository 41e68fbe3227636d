/** Something on the page that can be pressed or written into. */
export interface OnPage {
  readonly label: string
  /** The part of the page that it stands in, where that has a name. */
  readonly place: string
  readonly disabled: boolean
  /** Presses it, or puts the focus into it where it is a field. False where it has left the page meanwhile. */
  readonly act: () => boolean
}

const PRESSED = 'button, a[href], summary, input[type=checkbox], input[type=radio], [role=button]'
const FIELDS = 'input:not([type=hidden]), textarea, select, .cm-content'
const PLACES = '[aria-label]:is(section, nav, aside, form, article, fieldset, [role=group], [role=region], [role=list])'

/** What stands beside the words of a button and is not its name. */
const NOT_WORDS = 'kbd, [aria-hidden=true], select, input, textarea, svg'

function wordsOf(element: Element): string {
  const copy = element.cloneNode(true)
  if (!(copy instanceof Element)) return ''
  for (const one of copy.querySelectorAll('[aria-label]')) one.replaceWith(` ${one.getAttribute('aria-label') ?? ''} `)
  for (const one of copy.querySelectorAll(NOT_WORDS)) one.remove()
  return (copy.textContent ?? '').replace(/\s+/g, ' ').trim()
}

/** What assistive technology calls an element, near enough to be looked for by it. */
function nameOf(element: HTMLElement): string {
  const own = element.getAttribute('aria-label')
  if (own !== null && own !== '') return own
  const labels = 'labels' in element && element.labels instanceof NodeList ? [...element.labels] : []
  const label = labels.map((one) => (one instanceof Element ? wordsOf(one) : '')).find((words) => words !== '')
  return label ?? (wordsOf(element) || element.getAttribute('placeholder') || element.title)
}

const isDisabled = (element: HTMLElement): boolean =>
  element.matches(':disabled') || element.getAttribute('aria-disabled') === 'true'

/**
 * All that can be done on the page as it stands, by the names it has there: what is drawn is what is found, so that nothing has
 * to be told twice. Rows of the list of sessions are left out: the palette knows sessions by themselves.
 * @param root the frame of the page
 */
export function onThisPage(root: ParentNode): readonly OnPage[] {
  const found: OnPage[] = []
  // The editor of a file stands in a tree of its own.
  const roots = [root, ...[...root.querySelectorAll('.code-editor')].flatMap((one) => one.shadowRoot ?? [])]
  const drawn = roots.flatMap((one) => [...one.querySelectorAll<HTMLElement>(`${PRESSED}, ${FIELDS}`)])
  for (const element of drawn) {
    if (element.matches('.session-row') || !element.checkVisibility({ visibilityProperty: true })) continue
    const label = nameOf(element)
    if (label === '') continue
    found.push({
      label,
      place: element.parentElement?.closest(PLACES)?.getAttribute('aria-label') ?? '',
      disabled: isDisabled(element),
      act: () => press(element),
    })
  }
  return found
}

function press(element: HTMLElement): boolean {
  if (!element.isConnected) return false
  element.focus()
  if (element.matches(PRESSED)) element.click()
  return true
}
