/**
 * Runs something that makes style elements, which the page's policy forbids: what it writes into them goes into constructed
 * style sheets, which the policy allows.
 * @returns what takes the sheets away again
 */
export function stylesBySheet(work: () => void): () => void {
  const sheets: CSSStyleSheet[] = []
  const real = document.createElement.bind(document)
  const styleElement = (): HTMLElement => {
    const sheet = new CSSStyleSheet()
    sheets.push(sheet)
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
    // An element that shows nothing stands in the style's place.
    const stand = real('template')
    let text = ''
    Object.defineProperty(stand, 'textContent', {
      get: () => text,
      set: (next: string) => {
        text = next
        sheet.replaceSync(next)
      },
    })
    return stand
  }
  document.createElement = ((tag: string, options?: ElementCreationOptions) =>
    tag.toLowerCase() === 'style' ? styleElement() : real(tag, options)) as typeof document.createElement
  try {
    work()
  } finally {
    Reflect.deleteProperty(document, 'createElement')
  }
  return () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => !sheets.includes(sheet))
  }
}
