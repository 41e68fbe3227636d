import { BUDGET_WARNING, shareOf, type Budget, type BudgetScope, type SessionRow, type Spent } from '@coppice/events'
import { createEffect, createSignal, on, Show, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { Meter } from '../parts/meter.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { amountOf, setBudget } from './budget-actions.tsx'

/** One budget: how far it is used, and its limit to be set, raised and taken away. */
export function BudgetForm(props: {
  session: SessionRow
  scope: BudgetScope
  label: string
  budget: Budget | undefined
  spent: Spent
  editable: boolean
}): JSX.Element {
  const { replica } = useReplica()
  const [unit, setUnit] = createSignal<Budget['unit']>('usd')
  const [limit, setLimit] = createSignal('')
  createEffect(
    on(
      () => props.budget,
      (budget) => {
        setUnit(budget?.unit ?? 'usd')
        setLimit(budget === undefined ? '' : String(budget.limit))
      },
    ),
  )
  const number = () => Number(limit())
  const valid = () => limit().trim() !== '' && Number.isFinite(number()) && number() > 0 && number() <= 1e12
  const save = () => void setBudget(replica, props.session, props.scope, { unit: unit(), limit: number() })
  return (
    <div class="mb-3" role="group" aria-label={props.label}>
      <div class="row justify-between text-12">
        <span class="text-supports">{props.label}</span>
        <Show when={props.budget} fallback={<span class="text-meta">no limit</span>}>
          {(budget) => (
            <span>
              {amountOf(budget().unit, props.spent[budget().unit])}{' '}
              <span class="text-meta">
                of {amountOf(budget().unit, budget().limit)} · {Math.round(shareOf(budget(), props.spent) * 100)} %
              </span>
            </span>
          )}
        </Show>
      </div>
      <Show when={props.budget}>
        {(budget) => (
          <div class="mt-1.5">
            <Meter
              value={shareOf(budget(), props.spent)}
              label={`${props.label} used`}
              look={
                shareOf(budget(), props.spent) >= 1
                  ? 'full'
                  : shareOf(budget(), props.spent) >= BUDGET_WARNING
                    ? 'warn'
                    : undefined
              }
            />
          </div>
        )}
      </Show>
      <Show when={props.editable}>
        <form
          class="row mt-2"
          onSubmit={(event) => {
            event.preventDefault()
            if (valid()) save()
          }}
        >
          <input
            class="input small max-w-28"
            inputmode="decimal"
            aria-label={`Limit of the ${props.label.toLowerCase()}`}
            placeholder="Limit"
            value={limit()}
            onInput={(event) => setLimit(event.currentTarget.value)}
          />
          <label class="input small !w-auto">
            <select
              aria-label={`Unit of the ${props.label.toLowerCase()}`}
              value={unit()}
              onChange={(event) => setUnit(event.currentTarget.value === 'tokens' ? 'tokens' : 'usd')}
            >
              <option value="usd">USD</option>
              <option value="tokens">tokens</option>
            </select>
          </label>
          <Button type="submit" small disabled={!valid()}>
            {props.budget === undefined ? 'Set' : 'Change'}
          </Button>
          <Show when={props.budget}>
            <Button small look="quiet" onClick={() => void setBudget(replica, props.session, props.scope, null)}>
              Remove
            </Button>
          </Show>
        </form>
      </Show>
    </div>
  )
}
