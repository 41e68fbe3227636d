import type { SessionRow } from '@coppice/events'
import { createMemo, createSignal, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { ModelChoice } from '../start/model-choice.tsx'
import { ProviderChoice } from '../start/provider-cards.tsx'
import { providersOf } from '../start/providers.ts'
import { sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'

/** Another provider or model from the next turn on; the new one is handed the conversation. */
export default function ChangeProvider(props: { session: SessionRow; onClose: () => void }): JSX.Element {
  const signals = useReplica()
  const workspaces = signals.table('workspaces')
  const runners = signals.table('runners')
  const providers = createMemo(() =>
    providersOf(runners().get(workspaces().get(props.session.workspaceId)?.runnerId ?? '')),
  )
  const [chosen, setChosen] = createSignal(props.session.provider)
  const [chosenModel, setChosenModel] = createSignal(props.session.model)
  const provider = () => providers().find((one) => one.id === chosen())
  const model = () => {
    const models = provider()?.models ?? []
    return models.find((one) => one.id === chosenModel())?.id ?? models[0]?.id ?? ''
  }
  const working = () => props.session.turnId !== ''
  const save = () => {
    void sendToSession(signals.replica, props.session, 'session.setProvider', { provider: chosen(), model: model() })
    props.onClose()
  }
  return (
    <Dialog
      wide
      open
      onClose={props.onClose}
      title="Provider and model"
      footer={
        <>
          <span class="cut grow text-12 text-meta">
            {working()
              ? 'The agent is working. Stop it first, or wait for the end of its turn.'
              : 'From the next message on. The new one is handed the conversation.'}
          </span>
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button look="primary" disabled={working() || provider()?.available !== true} onClick={save}>
            Change
          </Button>
        </>
      }
    >
      <ProviderChoice providers={providers()} value={chosen()} onChange={setChosen} />
      <ModelChoice models={provider()?.models ?? []} value={model()} onChange={setChosenModel} />
    </Dialog>
  )
}
