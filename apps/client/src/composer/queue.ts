/** The order after one entry was moved to stand before another (or last, for `undefined`). Pure. */
export function moved(ids: readonly string[], id: string, before: string | undefined): readonly string[] {
  if (id === before || !ids.includes(id)) return ids
  const rest = ids.filter((one) => one !== id)
  const at = before === undefined ? rest.length : rest.indexOf(before)
  return at < 0 ? ids : [...rest.slice(0, at), id, ...rest.slice(at)]
}

/** The order after one entry went a step up (-1) or down (1), for the keyboard. Pure. */
export function stepped(ids: readonly string[], id: string, step: -1 | 1): readonly string[] {
  const at = ids.indexOf(id)
  const to = at + step
  if (at < 0 || to < 0 || to >= ids.length) return ids
  const next = [...ids]
  next.splice(at, 1)
  next.splice(to, 0, id)
  return next
}
