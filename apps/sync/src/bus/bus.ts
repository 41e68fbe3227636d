/**
 * Carries texts between the servers that share a database. Best effort: a text may be lost, and nothing but delay may
 * come of that. What one server publishes on a topic arrives in order, if it arrives.
 */
export interface Bus {
  /** To everybody who listens on the topic, the publisher among them. Never throws, never waits. */
  publish(topic: string, text: string): void
  listen(topic: string, listener: (text: string) => void): void
  /** Called each time that it has connected, again or for the first time: what was said meanwhile did not arrive. */
  onConnect(listener: () => void): void
  close(): Promise<void>
}

/** Who listens to what. */
export class Listeners {
  readonly #byTopic = new Map<string, ((text: string) => void)[]>()

  add(topic: string, listener: (text: string) => void): void {
    this.#byTopic.set(topic, [...(this.#byTopic.get(topic) ?? []), listener])
  }

  tell(topic: string, text: string): void {
    for (const listener of this.#byTopic.get(topic) ?? []) listener(text)
  }
}
