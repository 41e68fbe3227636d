const COPIED = ['font', 'letterSpacing', 'lineHeight', 'padding', 'border', 'textIndent', 'tabSize'] as const

/** Where a letter of a textarea stands in it, px from its left and top edges: measured in a copy, as a textarea does not say. */
export function caretPlace(box: HTMLTextAreaElement, at: number): { readonly left: number; readonly top: number } {
  const copy = document.createElement('div')
  const style = getComputedStyle(box)
  for (const name of COPIED) copy.style[name] = style[name]
  Object.assign(copy.style, {
    position: 'absolute',
    visibility: 'hidden',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'break-word',
    boxSizing: 'border-box',
    width: `${box.clientWidth}px`,
  })
  const mark = document.createElement('span')
  mark.textContent = '@'
  copy.append(box.value.slice(0, at), mark)
  document.body.append(copy)
  const place = { left: mark.offsetLeft, top: mark.offsetTop - box.scrollTop }
  copy.remove()
  return place
}
