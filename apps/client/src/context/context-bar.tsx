import type { SessionRow } from '@coppice/events'
import type { JSX } from 'solid-js'
import { tokens } from '../format/numbers.ts'
import { Meter } from '../parts/meter.tsx'
import { contextLook } from './context-look.ts'

/** How full the agent's context is: used and limit in tokens, and in percent (C-3). */
export function ContextBar(props: { session: SessionRow }): JSX.Element {
  const share = () => props.session.contextUsed / props.session.contextLimit
  return (
    <section class="section">
      <div class="row justify-between text-12">
        <span class="text-supports">Context</span>
        <span>
          {tokens(props.session.contextUsed)}{' '}
          <span class="text-meta">
            of {tokens(props.session.contextLimit)} · {Math.round(share() * 100)} %
          </span>
        </span>
      </div>
      <div class="mt-1.5">
        <Meter value={share()} label="Context used" look={contextLook(share())} />
      </div>
    </section>
  )
}
