import type { CallMessage, CoreMessage } from '../message-port.ts'

/**
 * Version of what tabs of one browser say to each other: raise it when calls, notices, or the database's tables change so
 * that tabs of two versions could not work together. Messages of kind `hello`, `leader`, `handOver` and `outbox` are
 * understood by every version, for ever.
 */
export const TAB_PROTOCOL = 2

/** What goes over the channel between the tabs' workers. */
export type Said =
  | { readonly kind: 'call'; readonly from: string; readonly call: CallMessage }
  | { readonly kind: 'core'; readonly to: string; readonly message: CoreMessage }
  /** Who leads? */
  | { readonly kind: 'hello' }
  /** I do: in answer to `hello`, and when the leading begins. */
  | { readonly kind: 'leader' }
  /** To a leader of an older version: let go. */
  | { readonly kind: 'handOver' }
  /** The outbox has something new. */
  | { readonly kind: 'outbox' }

/** The same as it arrives; `v` is the sender's {@link TAB_PROTOCOL}. */
export type OnChannel = Said & { readonly v: number }

export const TO_ALL = 'all'
