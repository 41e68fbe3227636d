/**
 * Whether the reader follows the newest row, or reads somewhere else. A value, changed by gestures and commands and
 * never derived from geometry: a queued pin must not win over a finger that has just moved up.
 */
export type Intent = 'following' | 'reading'

export type FollowEvent =
  /** Wheel up, PageUp, Home, finger or thumb dragged: told before the scroll it causes. */
  | { kind: 'gestureUp' }
  /** The scroller moved; `by` is positive downward, `toEnd` the distance left. */
  | { kind: 'moved'; by: number; toEnd: number; byUser: boolean }
  /** End, the pill, or a message sent. */
  | { kind: 'jumpedToEnd' }
  /** A row was opened or shut: it stays where it is. */
  | { kind: 'toggled' }

/** Coming down into the last so many pixels rejoins; being near does not. */
export const REJOIN_PX = 48

/** Smaller moves upward are the settling of a scroll, not a wish. */
const NOISE_PX = 4

/** The next intent. Pure. */
export function nextIntent(intent: Intent, event: FollowEvent): Intent {
  switch (event.kind) {
    case 'gestureUp':
    case 'toggled':
      return 'reading'
    case 'jumpedToEnd':
      return 'following'
    case 'moved':
      if (!event.byUser) return intent
      if (event.by > 0 && event.toEnd <= REJOIN_PX) return 'following'
      if (event.by < -NOISE_PX) return 'reading'
      return intent
  }
}
