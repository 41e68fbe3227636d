/** Where an arrow key leads in a row or column of choices: 1 to the next, -1 to the one before, 0 for any other key. */
export function arrowStep(event: Pick<KeyboardEvent, 'key'>): -1 | 0 | 1 {
  if (event.key === 'ArrowRight' || event.key === 'ArrowDown') return 1
  return event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : 0
}
