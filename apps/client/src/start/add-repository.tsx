import { newId, workspaceLog, WORKSPACE_STREAM, INSTANCE_LOG, type RepositorySource } from '@coppice/events'
import type { QueryAnswer } from '@coppice/protocol'
import { createEffect, createSignal, For, Show, type JSX } from 'solid-js'
import { suggestedPath } from '../app/sign-in.ts'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { StatusGlyph } from '../parts/status-glyph.tsx'
import { send } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { sourceOf } from './repository-source.ts'

type Found = Extract<QueryAnswer<'repository.inspect'>, { ok: true }>

/** A path, a Git URL, or a sample made on the spot: looked at by the runner before anything is made of it. */
export function AddRepository(props: { onAdded: (workspaceId: string) => void; heading: boolean }): JSX.Element {
  const signals = useReplica()
  const { replica } = signals
  const runners = signals.table('runners')
  const users = signals.table('users')
  const [text, setText] = createSignal('')
  const [looking, setLooking] = createSignal(false)
  const [failure, setFailure] = createSignal<string>()
  const [here, setHere] = createSignal<Found>()
  const runnerId = () => (signals.connection(), replica.runnersOnline()[0] ?? [...runners().keys()][0])

  const inspect = (source: RepositorySource) =>
    replica.query(INSTANCE_LOG, { kind: 'repository.inspect', source }, runnerId())

  // The folder Coppice was started from is offered, if it is a repository, as soon as a runner can look at it.
  createEffect(() => {
    const path = suggestedPath()
    if (!props.heading || path === undefined || here() !== undefined) return
    if (signals.connection().state !== 'online' || replica.runnersOnline().length === 0) return
    void offer(path)
  })
  const offer = async (path: string) => {
    const answer = await inspect({ kind: 'path', path })
    if (answer.ok) setHere(answer)
  }

  const add = async (source: RepositorySource) => {
    if (looking()) return
    const runner = runnerId()
    if (runner === undefined) {
      setFailure(
        'No runner has ever connected here. Start one where the repository is: coppice up starts the server with a runner.',
      )
      return
    }
    setLooking(true)
    setFailure(undefined)
    const found = await inspect(source)
    setLooking(false)
    if (!found.ok) {
      setFailure(found.message)
      return
    }
    const workspaceId = newId()
    const taken = await send(
      replica,
      { log: workspaceLog(workspaceId), stream: WORKSPACE_STREAM },
      'workspace.create',
      {
        workspaceId,
        name: found.name,
        source: found.source,
        runnerId: runner,
        ...(found.starterBranch !== '' && { starterBranch: found.starterBranch }),
        creatorName: users().get(replica.userId)?.name ?? 'owner',
      },
    )
    if (!taken) return
    setText('')
    props.onAdded(workspaceId)
  }
  return (
    <section aria-label="Add a repository">
      <Show when={props.heading}>
        <h2 class="text-20 !leading-7 font-semibold">Add a repository</h2>
        <p class="mt-1 mb-4 text-supports">
          Coppice never works in your checkout. Each session gets a worktree and a branch of its own.
        </p>
      </Show>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault()
          const source = sourceOf(text())
          if (source) void add(source)
          else setFailure('Type a path on the runner’s machine, or a Git URL.')
        }}
      >
        <label class="input tall" classList={{ bad: failure() !== undefined }}>
          <Icon name="folder" />
          <input
            placeholder="Path on this machine, or a Git URL"
            aria-label="Path on the runner's machine, or a Git URL"
            aria-invalid={failure() !== undefined}
            aria-describedby={failure() === undefined ? undefined : 'add-failure'}
            autocomplete="off"
            spellcheck={false}
            value={text()}
            onInput={(event) => {
              setText(event.currentTarget.value)
              setFailure(undefined)
            }}
          />
        </label>
        <Button type="submit" look="primary" class="!h-9" disabled={looking()}>
          Add
        </Button>
      </form>
      <Show when={failure()}>
        <p id="add-failure" class="hint bad" role="alert">
          {failure()} Nothing was changed.
        </p>
      </Show>
      <Show when={looking()}>
        <p class="hint row" role="status">
          <StatusGlyph kind="working" label="" />
          The runner looks at it
        </p>
      </Show>
      <div class="group-head mt-5">Offered</div>
      <div class="list">
        <Show when={here()}>
          {(found) => (
            <div class="list-row">
              <Icon name="folder" size="small" />
              <span class="row">
                <span class="font-medium">{found().name}</span>
                <span class="cut mono text-meta">{pathOf(found().source)}</span>
              </span>
              <Button small disabled={looking()} onClick={() => void add(found().source)}>
                Add
              </Button>
              <span class="below text-12 text-meta">
                Started from here. Branch <code>{found().starterBranch}</code>.
                <For each={found().notes}>{(note) => <> {note}</>}</For>
              </span>
            </div>
          )}
        </Show>
        <div class="list-row">
          <Icon name="flask" size="small" />
          <span class="row">
            <span class="font-medium">tree-rings</span>
            <span class="text-meta">made on the spot</span>
          </span>
          <Button small disabled={looking()} onClick={() => void add({ kind: 'sample' })}>
            Make it
          </Button>
          <span class="below text-12 text-meta">
            A small project with tests, to see a whole turn without a model or a key.
          </span>
        </div>
      </div>
    </section>
  )
}

const pathOf = (source: RepositorySource): string =>
  source.kind === 'path' ? source.path : source.kind === 'url' ? source.url : ''
