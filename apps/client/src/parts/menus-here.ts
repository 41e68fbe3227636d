import { onCleanup } from 'solid-js'
import type { MenuItems } from './menu.tsx'

/** A menu that stands on the page now, open or shut. */
export interface MenuHere {
  readonly label: () => string
  readonly items: () => MenuItems
}

const here = new Set<MenuHere>()

/** The menus of the page, in the order they came, with what they offer now. */
export const menusHere = (): readonly MenuHere[] => [...here]

/** Tells of a menu for as long as the part that draws it is on the page: what menus offer, the palette offers too. */
export function tellOfMenu(menu: MenuHere): void {
  here.add(menu)
  onCleanup(() => here.delete(menu))
}
