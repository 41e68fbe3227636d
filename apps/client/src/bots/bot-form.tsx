import { LIMITS, type BotRow, type ProviderState } from '@coppice/events'
import { createSignal, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { Segmented } from '../parts/segmented.tsx'
import { TextField } from '../parts/text-field.tsx'
import { ModelChoice } from '../start/model-choice.tsx'
import { ProviderChoice } from '../start/provider-cards.tsx'
import { preselected } from '../start/providers.ts'

/** What people say of a bot. */
export type BotWords = Pick<BotRow, 'name' | 'prompt' | 'provider' | 'model' | 'readOnly'>

/** A bot, new or changed: its name, what it is for, who speaks for it, and whether it only reads. */
export function BotForm(props: {
  bot: BotWords | undefined
  providers: readonly ProviderState[]
  onSave: (words: BotWords) => void
  onClose: () => void
}): JSX.Element {
  const before = () => props.bot
  const [name, setName] = createSignal(before()?.name ?? '')
  const [prompt, setPrompt] = createSignal(before()?.prompt ?? '')
  const [readOnly, setReadOnly] = createSignal(before()?.readOnly ?? true)
  const [chosen, setChosen] = createSignal(before()?.provider)
  const [chosenModel, setChosenModel] = createSignal(before()?.model)
  const provider = () => props.providers.find((one) => one.id === chosen()) ?? preselected(props.providers, undefined)
  const model = () => {
    const models = provider()?.models ?? []
    return models.find((one) => one.id === chosenModel())?.id ?? models[0]?.id ?? ''
  }
  const ready = () => name().trim() !== '' && prompt().trim() !== '' && provider() !== undefined
  const save = () => {
    const { id } = provider() ?? {}
    if (!ready() || id === undefined) return
    props.onSave({ name: name().trim(), prompt: prompt().trim(), provider: id, model: model(), readOnly: readOnly() })
    props.onClose()
  }
  return (
    <Dialog
      wide
      open
      title={props.bot ? 'Edit the bot' : 'New bot'}
      onClose={props.onClose}
      footer={
        <>
          <span class="cut grow text-12 text-meta">
            {props.bot ? 'Counts from the next message in all of its sessions.' : ''}
          </span>
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button look="primary" disabled={!ready()} onClick={save}>
            {props.bot ? 'Save' : 'Make the bot'}
          </Button>
        </>
      }
    >
      <form
        class="contents"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <TextField label="Name" maxLength={LIMITS.nameChars} value={name()} autofocus onInput={setName} />
        <TextField
          label="What it is for"
          hint="Part of its system prompt, with every message. It can be read in each session’s instructions."
          rows={6}
          maxLength={LIMITS.botPromptChars}
          value={prompt()}
          onInput={setPrompt}
        />
        <div>
          <span class="field-label">What it may do</span>
          <Segmented
            label="What it may do"
            value={readOnly() ? 'read' : 'write'}
            onChange={(value) => setReadOnly(value === 'read')}
            options={[
              { value: 'read', label: 'Only read' },
              { value: 'write', label: 'Change files, too' },
            ]}
          />
          <p class="hint">
            {readOnly()
              ? 'It changes no file and runs nothing, in Auto neither.'
              : 'In Manual each step waits for somebody, as in every session.'}
          </p>
        </div>
        <div>
          <span class="field-label">Provider</span>
          <ProviderChoice providers={props.providers} value={provider()?.id ?? ''} onChange={setChosen} />
        </div>
        <ModelChoice models={provider()?.models ?? []} value={model()} onChange={setChosenModel} />
      </form>
    </Dialog>
  )
}
