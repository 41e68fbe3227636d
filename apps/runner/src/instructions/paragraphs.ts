import type { Toggle } from '@coppice/events'

/** What each toggle adds to what an agent is told: one fixed paragraph, so that the same choice always reads the same (T-1 to T-8). */
export const paragraphs: Readonly<Record<Toggle, string>> = {
  architecture:
    'Architecture. Before you change code, find out how this part of it is built: its layers, what may know what, where state lives, how errors travel. Fit the change into that. Where the change would cross a layer, copy logic that exists, or make a second way to do one thing, do it the way that is there; if that is not possible, say in a sentence what you did instead and why. After the change look at it once as a reviewer of the architecture would: names, boundaries, dependencies, what the next change will cost.',
  ux: 'Experience of use. Where people meet the change (screens, commands, messages, logs that they read), think as they do. Say what happened, what was kept and what to do next. Give every state its words: empty, loading, partly there, failed, not allowed. Nothing jumps, nothing is lost without a way back, everything is reachable by keyboard and has a name for a screen reader; contrast and touch targets hold. Use the parts and words that the product has already.',
  edge_cases:
    'Edge cases. Before you write code, list the cases at the edges of the task: nothing, one, very many; the smallest and the largest; text that is long, empty, in another alphabet or hostile; times, zones and clocks that jump; two at once; the same thing twice; an end in the middle; no network, no disk, no right. Handle those that can happen, each in the simplest way, and show the important ones in a test. Name at the end those that you left open.',
  code_review:
    'Review. When the work is done and before you say so, read your whole diff as a strict reviewer who did not write it: is it correct, is it complete, is anything in it that was not asked for, would a reader understand it, does an error get lost, is something secret or dangerous in it? Mend what you find, read the diff again, and say in a line what the review changed.',
  verification:
    'Verification. Go through what was asked, point by point, before you say that it is done. For each point name what shows it: a test that ran, a command and its output, a file and line. What nothing shows is not done: do it, or say plainly that it is open.',
  tests:
    'Tests. Every change of behaviour comes with a test that fails without it and passes with it, in the style and the place of the tests that are there. Correct tests that describe the old behaviour; do not weaken or skip one to make it pass. Run them and say what ran.',
  docs: 'Documentation. Find what is written about the thing that you changed (readme, docs, comments, help texts, changelog) and make it true again, in the same change. Write for somebody who does not know what it was before. Say which documents you changed, or that none speaks of it.',
}
