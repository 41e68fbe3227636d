import type { PictureType } from '@coppice/protocol'
import { createEffect, createSignal, on, onCleanup, Show, type JSX } from 'solid-js'
import { count, fileSize } from '../format/numbers.ts'
import { Icon } from '../parts/icon.tsx'
import { endsEarly } from './ends-early.ts'
import type { LoadedPicture } from './load-picture.ts'

const typeWords: Record<PictureType, string> = {
  'image/png': 'PNG',
  'image/jpeg': 'JPEG',
  'image/gif': 'GIF',
  'image/webp': 'WebP',
  'image/avif': 'AVIF',
  'image/svg+xml': 'SVG',
}

/** A picture with its kind, its size on the screen and its bytes; where it cannot be drawn, that. */
export function PictureFigure(props: {
  loaded: LoadedPicture | undefined
  /** What it is, for those who do not see it. */
  alt: string
  /** What stands above it: Before, After. */
  side?: string
}): JSX.Element {
  const [url, setUrl] = createSignal<string>()
  const [drawn, setDrawn] = createSignal<
    { readonly width: number; readonly height: number; readonly early: boolean } | 'broken'
  >()
  const picture = () => (props.loaded?.ok === true ? props.loaded : undefined)
  createEffect(
    on(
      () => picture()?.blob,
      (blob) => {
        setDrawn(undefined)
        const made = blob && URL.createObjectURL(blob)
        setUrl(made)
        onCleanup(() => made !== undefined && URL.revokeObjectURL(made))
      },
    ),
  )
  /** A picture that is cut off is loaded, too: whether it can be drawn whole only decoding tells. */
  const look = async (image: HTMLImageElement) => {
    const { src, naturalWidth: width, naturalHeight: height } = image
    const whole = await image.decode().then(
      () => true,
      () => false,
    )
    const found = picture()
    const early = found && endsEarly(found.type, new Uint8Array(await found.blob.arrayBuffer()))
    if (src === url()) setDrawn(whole ? { width, height, early: early ?? false } : 'broken')
  }
  const trouble = () => {
    if (props.loaded?.ok === false) return props.loaded.message
    const found = picture()
    return found && drawn() === 'broken'
      ? `This picture is broken: the browser cannot draw it, though it begins like ${typeWords[found.type]}.`
      : undefined
  }
  const cutOff = () => {
    const found = drawn()
    return found !== undefined && found !== 'broken' && found.early
  }
  const size = () => {
    const found = drawn()
    // A drawing may have no size of its own.
    return found === undefined || found === 'broken' || found.width === 0
      ? ''
      : ` · ${count(found.width)} × ${count(found.height)}`
  }
  return (
    <figure class="picture-figure">
      <Show when={props.side}>{(side) => <span class="text-12 font-medium">{side()}</span>}</Show>
      <div class="picture-ground" aria-busy={props.loaded === undefined}>
        <Show
          when={trouble()}
          fallback={
            <Show when={url()} fallback={<span class="text-12 text-meta">Asking the runner for the picture</span>}>
              {(src) => (
                <img
                  src={src()}
                  alt={props.alt}
                  onLoad={(event) => void look(event.currentTarget)}
                  onError={() => setDrawn('broken')}
                />
              )}
            </Show>
          }
        >
          {(words) => (
            <p class="picture-trouble" role="status">
              <Icon name="file" />
              {words()}
            </p>
          )}
        </Show>
      </div>
      <figcaption class="text-12 text-meta">
        <Show when={picture()} fallback={<>&nbsp;</>}>
          {(found) => (
            <>
              {typeWords[found().type]}
              {size()} · {fileSize(found().blob.size)}
              <Show when={cutOff()}>
                <span role="status"> · broken: its end is missing</span>
              </Show>
            </>
          )}
        </Show>
      </figcaption>
    </figure>
  )
}
