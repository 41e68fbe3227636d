import { LIMITS, type ItemRow, type Question } from '@coppice/events'
import { createSignal, createUniqueId, For, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { answerAction } from './answer-action.ts'

/** The answers that the agent offers, a field for any other, and a way to leave it to the agent. */
export function QuestionForm(props: { item: ItemRow; question: Question; small?: boolean }): JSX.Element {
  const { replica } = useReplica()
  const name = createUniqueId()
  const [chosen, setChosen] = createSignal<readonly string[]>([])
  const [other, setOther] = createSignal('')
  const choose = (label: string, on: boolean): void => {
    const rest = props.question.several === true ? chosen().filter((one) => one !== label) : []
    setChosen(on ? [...rest, label] : rest)
  }
  const empty = () => chosen().length === 0 && other().trim() === ''
  const answer = (): void => {
    if (empty()) return
    const options = props.question.options.map(({ label }) => label).filter((label) => chosen().includes(label))
    const said = other().trim()
    void answerAction(replica, props.item, { kind: 'answered', options, ...(said !== '' && { other: said }) })
  }
  return (
    <form
      class="question"
      onSubmit={(event) => {
        event.preventDefault()
        answer()
      }}
    >
      <fieldset>
        <legend class="wrap-anywhere">{props.question.question}</legend>
        <For each={props.question.options}>
          {(option) => (
            <label class="choice">
              <input
                type={props.question.several === true ? 'checkbox' : 'radio'}
                name={name}
                checked={chosen().includes(option.label)}
                onChange={(event) => choose(option.label, event.currentTarget.checked)}
              />
              <span>
                {option.label}
                {option.description ? <span class="block text-12 text-supports">{option.description}</span> : null}
              </span>
            </label>
          )}
        </For>
      </fieldset>
      <input
        class="input small"
        placeholder={props.question.options.length > 0 ? 'Something else, or a word to it' : 'Your answer'}
        aria-label="Another answer"
        maxLength={LIMITS.reasonChars}
        value={other()}
        onInput={(event) => setOther(event.currentTarget.value)}
        onKeyDown={(event) => event.stopPropagation()}
      />
      <div class="row approval-actions">
        <Button look="primary" small={props.small} type="submit" disabled={empty()}>
          Answer
        </Button>
        <Button
          small={props.small}
          look="quiet"
          class="ml-auto"
          onClick={() => void answerAction(replica, props.item, { kind: 'dismissed' })}
        >
          Let the agent decide
        </Button>
      </div>
    </form>
  )
}
