import type { LogId } from '@coppice/events'
import { createResource, Show, type JSX } from 'solid-js'
import type { FileModel } from '../diff/file-model.ts'
import { useReplica } from '../sync/replica-context.tsx'
import type { LoadedPicture } from './load-picture.ts'
import { PictureFigure } from './picture-figure.tsx'
import type { SidePictures } from './side-pictures.ts'

/** A picture before and after, beside each other; one alone where it came or went. */
export function PictureSides(props: {
  file: FileModel
  log: LogId
  sessionId: string
  pictures: SidePictures
}): JSX.Element {
  const info = () => props.file.info()
  return (
    <div class="picture-sides">
      <Show when={info().status !== 'added'}>
        <Side {...props} side="Before" path={info().from ?? info().path} tree={props.file.sides().from} />
      </Show>
      <Show when={info().status !== 'deleted'}>
        <Side {...props} side="After" path={info().path} tree={props.file.sides().to} />
      </Show>
    </div>
  )
}

function Side(props: {
  log: LogId
  sessionId: string
  pictures: SidePictures
  side: string
  path: string
  tree: string
}): JSX.Element {
  const { replica } = useReplica()
  const place = () => ({ log: props.log, sessionId: props.sessionId, path: props.path, tree: props.tree })
  const [loaded] = createResource(place, (where): Promise<LoadedPicture> => props.pictures.load(replica, where))
  return <PictureFigure loaded={loaded.latest} alt={`${props.side}: ${props.path}`} side={props.side} />
}
