import type { Actor } from '@coppice/events'

/** Who a connection or request is taken for, by its cookie or token. */
export type Principal =
  | { readonly kind: 'user'; readonly id: string; readonly name: string }
  | { readonly kind: 'runner'; readonly id: string; readonly name: string }

/** Who a command comes from: a principal, or the server itself on behalf of somebody. */
export type Sender = Principal | { readonly kind: 'server'; readonly onBehalfOf: Actor }

/** The actor that events of this sender's commands name. */
export function actorOf(sender: Sender): Actor {
  return sender.kind === 'server' ? sender.onBehalfOf : { id: sender.id, kind: sender.kind }
}
