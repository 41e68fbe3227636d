import type { JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'

/** What a page shows when the runner could not answer: why, and another try. */
export function NoAnswer(props: { title: string; message: string; again: () => void }): JSX.Element {
  return (
    <div class="conversation-empty">
      <div class="empty" role="status">
        <Icon name="file" size="large" />
        <span class="title">{props.title}</span>
        <span>{props.message}</span>
        <Button small onClick={() => props.again()}>
          Look again
        </Button>
      </div>
    </div>
  )
}

/** Why a question was not answered, if it was not. */
export function failureOf(answer: { ok: true } | { ok: false; message: string } | undefined): string | undefined {
  return answer?.ok === false ? answer.message : undefined
}
