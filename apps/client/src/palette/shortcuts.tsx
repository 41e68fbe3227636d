import { For, type JSX } from 'solid-js'
import { Keys } from '../parts/keys.tsx'
import { Dialog } from '../parts/overlay.tsx'

const groups: readonly { title: string; keys: readonly (readonly [readonly string[], string])[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      [['Ctrl', 'K'], 'Search and commands'],
      [['Ctrl', 'Shift', 'F'], 'Search the history; in a session, its files'],
      [['/'], 'Search the history; in a session, write'],
      [['C'], 'New'],
      [['I'], 'Inbox'],
      [['Alt', '1…9'], 'Jump to a session in the list'],
      [['['], 'Fold or unfold the sidebar'],
      [[']'], 'Fold or unfold the panel'],
      [['?'], 'These shortcuts'],
      [['Esc'], 'Close what is open'],
    ],
  },
  {
    title: 'Lists and the conversation',
    keys: [
      [['J'], 'Next row'],
      [['K'], 'Row before'],
      [['Enter'], 'Open'],
      [['End'], 'To the newest row, and follow'],
    ],
  },
  {
    title: 'In a session',
    keys: [
      [['/'], 'Write a message'],
      [['Enter'], 'Send or queue'],
      [['Shift', 'Enter'], 'New line'],
      [['@'], 'In the message box: pick a file'],
      [['/'], 'First in the message box: pick a command or skill'],
      [['Ctrl', 'P'], 'Open a file'],
      [['Ctrl', 'S'], 'In a file: save'],
      [['Ctrl', 'F'], 'In a file: find and replace'],
      [['Ctrl', 'G'], 'In a file: go to a line'],
      [['G'], 'Git or Session Info'],
      [['Ctrl', 'Shift', 'X'], 'Context: tokens, cost, budget'],
      [['Alt', '↑ ↓'], 'Move a queued message'],
    ],
  },
  {
    title: 'On an approval that has the focus',
    keys: [
      [['Y'], 'Allow once'],
      [['S'], 'Allow for this session'],
      [['N'], 'Reject'],
    ],
  },
]

/** The keys, in one place. */
export default function Shortcuts(props: { onClose: () => void }): JSX.Element {
  return (
    <Dialog open scrolls onClose={props.onClose} title="Keyboard shortcuts">
      <For each={groups}>
        {(group) => (
          <section>
            <h3 class="field-label">{group.title}</h3>
            <dl class="facts">
              <For each={group.keys}>
                {([keys, what]) => (
                  <>
                    <dt>
                      <Keys of={keys} />
                      <span class="sr-only">{keys.join(' ')}</span>
                    </dt>
                    <dd>{what}</dd>
                  </>
                )}
              </For>
            </dl>
          </section>
        )}
      </For>
    </Dialog>
  )
}
