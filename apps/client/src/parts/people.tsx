import { For, type JSX } from 'solid-js'

/** Someone as the page shows them. */
export interface Person {
  id: string
  name: string
}

/** One of four hues, always the same for one person. */
export function personHue(id: string): string {
  let hash = 0
  for (let i = 0; i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) >>> 0
  return `person-${(hash % 4) + 1}`
}

export function Avatar(props: { person: Person }): JSX.Element {
  return (
    <span class={`avatar ${personHue(props.person.id)}`} title={props.person.name} aria-hidden="true">
      {(Array.from(props.person.name.trim())[0] ?? '?').toLowerCase()}
    </span>
  )
}

/** Who is here, up to four faces and a number. */
export function Avatars(props: { people: readonly Person[]; label: string }): JSX.Element {
  return (
    <span class="flex gap-0.5" role="img" aria-label={`${props.label}: ${props.people.map((p) => p.name).join(', ')}`}>
      <For each={props.people.slice(0, 4)}>{(person) => <Avatar person={person} />}</For>
      {props.people.length > 4 ? <span class="count">+{props.people.length - 4}</span> : null}
    </span>
  )
}

/** The same in a list row, where there is room for dots only. */
export function PresenceDots(props: { people: readonly Person[] }): JSX.Element {
  const names = () => props.people.map((p) => p.name).join(', ')
  return (
    <span class="presence-dots" role="img" aria-label={`${names()} here`} title={`${names()} here`}>
      <For each={props.people.slice(0, 4)}>{(person) => <span class={personHue(person.id)} />}</For>
    </span>
  )
}
