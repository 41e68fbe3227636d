import { workspaceLog, type SessionRow } from '@coppice/events'
import { createResource, Show, type JSX } from 'solid-js'
import { useWorktreeNews } from '../files/worktree-news.ts'
import { useOperations } from '../git/operations.tsx'
import { AsOf } from '../parts/as-of.tsx'
import { Button } from '../parts/button.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { loadPicture } from './load-picture.ts'
import { PictureFigure } from './picture-figure.tsx'

/** A picture of a session's worktree, as it is there now. */
export function PictureFile(props: {
  session: SessionRow
  path: string
  /** Back to the text that a drawing is made of. */
  asText?: () => void
}): JSX.Element {
  const { replica } = useReplica()
  const [loaded, { refetch }] = createResource(() =>
    loadPicture(replica, {
      log: workspaceLog(props.session.workspaceId),
      sessionId: props.session.sessionId,
      path: props.path,
    }),
  )
  const operations = useOperations(() => props.session.sessionId)
  useWorktreeNews(props, operations, () => void refetch())
  const asOf = () => (loaded.latest?.ok === true ? loaded.latest.asOf : undefined)
  return (
    <>
      <AsOf at={asOf()} />
      <div class="file-bar">
        <code class="cut grow" title={props.path}>
          <bdi>{props.path}</bdi>
        </code>
        <Show when={props.asText}>
          {(asText) => (
            <Button small look="quiet" onClick={() => asText()()}>
              Show the text
            </Button>
          )}
        </Show>
      </div>
      <div class="picture-page" tabIndex={0} role="group" aria-label="Picture">
        <PictureFigure loaded={loaded.latest} alt={props.path} />
      </div>
    </>
  )
}
