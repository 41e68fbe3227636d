import type { JSX } from 'solid-js'
import { IconButton } from '../parts/button.tsx'
import { ConnectionBanner, ConnectionState } from './connection.tsx'
import { setSideOver } from './frame-state.ts'

/** The header of every page: its own part, then the connection; under it the banner, if there is something to say. */
export function Head(props: { children: JSX.Element; after?: JSX.Element }): JSX.Element {
  return (
    <>
      <header class="head">
        <IconButton icon="sidebar" label="Show sessions" large class="narrow-only" onClick={() => setSideOver(true)} />
        {props.children}
        <ConnectionState />
        {props.after}
      </header>
      <ConnectionBanner />
    </>
  )
}
