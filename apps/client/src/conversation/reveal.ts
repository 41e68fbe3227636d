import type { ConversationModel } from './conversation-model.ts'

/** How long a row that was looked for stays marked. */
const MARKED_MS = 2_500
/** Frames until a row far away is mounted and has its place. */
const FRAMES = 30

/** Scrolls to a row and marks it; what hides it (a group, a closed sub-agent) is opened. False where the row is not there yet. */
export function reveal(model: ConversationModel, itemId: string): boolean {
  if (model.row(itemId) === undefined) return false
  openAround(model, itemId)
  model.window.keep(itemId)
  scrollAndMark(model, itemId, FRAMES)
  return true
}

function openAround(model: ConversationModel, itemId: string): void {
  const above: string[] = []
  for (let row = model.row(itemId); row && row.parentId !== '' && !above.includes(row.parentId);)
    row = (above.unshift(row.parentId), model.row(row.parentId))
  for (const id of above) {
    const unit = model.unit(id)
    if (unit && !model.isOpen(unit)) model.toggle(unit)
  }
  if (model.units.indexOf({ id: itemId, itemId }) >= 0) return
  for (let index = 0; index < model.units.length; index += 1) {
    const unit = model.units.at(index)
    if (unit?.kind !== 'group' || !unit.members.includes(itemId)) continue
    if (!model.isOpen(unit)) model.toggle(unit)
    return
  }
}

/** Heights of rows that were never seen are guesses: the place is taken again until the row stands in it. */
function scrollAndMark(model: ConversationModel, itemId: string, frames: number): void {
  model.window.scrollTo(itemId, 'center')
  const row = model.window.rowOf(itemId)
  if (frames > 0 && (row === undefined || frames > FRAMES - 4)) {
    requestAnimationFrame(() => scrollAndMark(model, itemId, frames - 1))
    return
  }
  if (row === undefined) return
  row.focus({ preventScroll: true })
  row.classList.add('found')
  setTimeout(() => row.classList.remove('found'), MARKED_MS)
}
