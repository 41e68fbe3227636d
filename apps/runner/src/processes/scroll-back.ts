/** What a viewer who comes late is shown of a terminal, UTF-16 units. */
const most = 256 * 1024

/** The end of what a terminal has printed. It begins at a line, so that no sequence is cut in two but one that is longer than a line. */
export class ScrollBack {
  #pieces: string[] = []
  #length = 0

  add(text: string): void {
    this.#pieces.push(text)
    this.#length += text.length
    if (this.#length > 2 * most) this.#cut()
  }

  get text(): string {
    this.#cut()
    return this.#pieces[0] ?? ''
  }

  #cut(): void {
    const all = this.#pieces.join('')
    const from = all.length <= most ? 0 : all.indexOf('\n', all.length - most) + 1
    const kept = all.slice(from)
    this.#pieces = [kept]
    this.#length = kept.length
  }
}
