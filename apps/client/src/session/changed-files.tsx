import type { SessionRow } from '@coppice/events'
import { A } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { FileLines } from '../parts/file-lines.tsx'
import { LinesChanged } from '../parts/lines-changed.tsx'

/** Which files the session changed since its branch point (C-6). */
export function ChangedFiles(props: { session: SessionRow }): JSX.Element {
  return (
    <section class="section">
      <h3>
        Changed files
        <span class="grow" />
        <Show when={props.session.fileCount > 0}>
          <LinesChanged additions={props.session.additions} deletions={props.session.deletions} />
        </Show>
      </h3>
      <Show
        when={props.session.files.length > 0}
        fallback={<p class="text-12 text-meta">Nothing changed since the branch point.</p>}
      >
        <div class="-mx-2">
          <For each={props.session.files}>
            {(file) => (
              <A
                class="file-row"
                href={`/session/${props.session.sessionId}/changes?file=${encodeURIComponent(file.path)}`}
                title={file.path}
              >
                <span class="name mono">
                  <bdi>{file.path}</bdi>
                </span>
                <FileLines file={file} />
              </A>
            )}
          </For>
        </div>
        <Show when={props.session.fileCount > props.session.files.length}>
          <A class="link text-12" href={`/session/${props.session.sessionId}/changes`}>
            {plural(props.session.fileCount - props.session.files.length, 'more file')}
          </A>
        </Show>
      </Show>
    </section>
  )
}
