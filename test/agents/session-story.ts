import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { runMarker } from '../../apps/runner/src/agents/process-sweep.ts'
import { canSandbox } from '../../apps/runner/src/sandbox/bubblewrap.ts'
import { paragraphs } from '../../apps/runner/src/instructions/paragraphs.ts'
import { composer, conversation, allow, approval, say, signIn, startSession } from '../story/steps.ts'
import { launchBrowser, newPerson, picture, type Person } from '../support/browser.ts'
import { RunningCoppice } from '../support/coppice.ts'
import { childrenOf, processesWith } from '../support/processes.ts'
import { smallRepository } from '../support/repository.ts'
import { SessionLog } from '../support/session-log.ts'
import { scripted, startModelEndpoint } from './model-endpoint.ts'
import type { ModelEndpoint, ModelStep } from './model-endpoint.ts'
import { untrue } from './true-story.ts'

/** An agent in the story, and what must be known of it. */
export interface StoryAgent {
  /** What it is called in the form. */
  readonly name: string
  /** The model to choose, where its first is none that the endpoint has. */
  readonly model?: string
  /** The environment that Coppice is started with, so that it finds the agent, and the agent the scripted model. */
  environment(home: string, endpoint: ModelEndpoint): Promise<Record<string, string>>
  /** How its model writes a file. */
  writes(file: string, text: string): ModelStep
  /** Whether its model is offered the tools of MCP servers at once; else it must search for them, which a script cannot. */
  readonly offersTools: boolean
  /** Whether a word reaches it in the middle of a turn; else the word waits for the end of the turn. */
  readonly steers: boolean
  /** It may not have kept its conversation yet when it is cut off: then the turn ends as aborted by the restart. */
  readonly mayForget?: true
}

/** Whether some words stand in what the model was asked; the requests themselves would be too long to print. */
const asked = (words: string, requests: readonly unknown[]): boolean => JSON.stringify(requests).includes(words)

const sandboxThere = await canSandbox()

/** A tool with a file: as most agents have it. */
export const writesFile = (file: string, text: string): ModelStep => ({ write: { path: file, text } })

/**
 * The whole life of a session in a browser with one agent, in the order in which a person lives it; what the screen
 * shows is compared with the log.
 */
export function tellStory(agent: StoryAgent): void {
  describe(`a session with ${agent.name}`, () => {
    let home = ''
    let endpoint: ModelEndpoint
    let coppice: RunningCoppice
    let browser: Browser
    let mara: Person
    let log: SessionLog
    let worktree = ''
    let repo = ''
    /** Turns that have ended so far, and are known to have. */
    let ended = 0

    beforeAll(async () => {
      home = mkdtempSync(path.join(os.tmpdir(), 'coppice-agent-home-'))
      endpoint = await startModelEndpoint()
      repo = await smallRepository()
      coppice = await RunningCoppice.start({ repo, env: await agent.environment(home, endpoint) })
      browser = await launchBrowser()
      mara = await newPerson(browser)
      await signIn(mara.page, coppice.link, 'mara')
    }, 900_000)
    afterAll(async () => {
      await browser?.close()
      await coppice?.stop()
      await endpoint?.close()
      if (home !== '') rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    })

    const there = (file: string): boolean => existsSync(path.join(worktree, file))
    const appears = (file: string): Promise<void> =>
      expect.poll(() => there(file), { timeout: 120_000, message: `${file} in the worktree` }).toBe(true)
    const message = (page: Page, text: string) =>
      page.getByRole('article', { name: 'Message' }).filter({ hasText: text })
    /** The end of the next turn, as the log tells it. */
    const nextEnd = async (): Promise<Record<string, unknown>> => {
      ended += 1
      return (await log.until('turn.ended', ended)).data
    }
    const pictureOnFailure = (name: string): void =>
      onTestFailed(() => picture(mara.page, `agent-${agent.name.replaceAll(' ', '-')}-${name}`))

    test('it is begun with a toggle, asks before its first step, does it when it is allowed, and uses the tools it is given', async () => {
      pictureOnFailure('begin')
      const { page } = mara
      const ticket = { served: { tool: 'create_ticket', input: { title: 'Look again', description: 'Later.' } } }
      const steps = [
        agent.writes('first.txt', 'first\n'),
        ...(agent.offersTools ? [ticket] : []),
        { say: 'The first is done.' },
      ]
      await startSession(page, {
        message: `Begin ${scripted(steps)}`,
        provider: agent.name,
        ...(agent.model !== undefined && { model: agent.model }),
        toggles: ['Edge Cases'],
      })
      await approval(page).waitFor({ timeout: 120_000 })
      log = await SessionLog.of(coppice, page.url())
      const ready = await log.until('worktree.ready')
      worktree = String(ready.data['path'])
      expect(there('first.txt')).toBe(false)
      await allow(page)
      expect(await nextEnd()).toMatchObject({ outcome: 'completed' })
      expect(readFileSync(path.join(worktree, 'first.txt'), 'utf8')).toBe('first\n')
      await conversation(page).getByText('The first is done.', { exact: true }).waitFor()
      const events = await log.read()
      const of = (type: string) => events.filter((event) => event.type === type).map(({ data }) => data)
      expect(of('approval.requested')).toHaveLength(1)
      expect(of('approval.answered')).toMatchObject([{ decision: 'allow_once' }])
      const offered = of('action.offered').map(({ action }) => action)
      expect(offered).toMatchObject(agent.offersTools ? [{ kind: 'create_ticket', title: 'Look again' }] : [])
      expect(of('turn.instructed')).toHaveLength(1)
      expect(asked(JSON.stringify(paragraphs.edge_cases).slice(1, -1), endpoint.requests)).toBe(true)
    }, 240_000)

    test('in mid-turn one word is said to it at once, or waits where it cannot be, and another one is queued', async () => {
      pictureOnFailure('steer')
      const { page } = mara
      await page.locator('.composer').getByRole('radio', { name: 'Auto' }).click()
      await log.until('session.stepModeSet')
      const held = 'touch begun; while [ ! -e go ]; do sleep 0.2; done; touch went'
      await say(page, `Work ${scripted([{ run: held }, { say: 'Held until now.' }])}`)
      await appears('begun')
      await composer(page).fill(`Besides ${scripted([{ say: 'The word has come.' }])}`)
      await page.getByRole('button', { name: 'Steer', exact: true }).click()
      const answered = agent.steers ? 'message.steered' : 'message.notSteered'
      await log.until('message.steerRequested')
      await log.until(answered)
      await composer(page).fill(
        `Afterwards ${scripted([agent.writes('queued.txt', 'queued\n'), { say: 'That, too.' }])}`,
      )
      await page.getByRole('button', { name: 'Queue', exact: true }).click()
      await log.until('message.queued', 4)
      expect(there('queued.txt')).toBe(false)
      writeFileSync(path.join(worktree, 'go'), '')
      await appears('queued.txt')
      expect(await nextEnd()).toMatchObject({ outcome: 'completed' })
      if (!agent.steers) expect(await nextEnd()).toMatchObject({ outcome: 'completed' })
      expect(await nextEnd()).toMatchObject({ outcome: 'completed' })
      await conversation(page).getByText('The word has come.', { exact: true }).waitFor()
    }, 240_000)

    test('Interrupt ends what it runs with all children', async () => {
      pictureOnFailure('cancel')
      const { page } = mara
      const mark = `sleep 96${process.pid}`
      await say(page, `Wait ${scripted([{ run: `touch waits; ${mark} & ${mark}` }, { say: 'never' }])}`)
      await appears('waits')
      await page.getByRole('button', { name: 'Interrupt' }).click()
      expect(await nextEnd()).toMatchObject({ outcome: 'stopped' })
      await expect.poll(() => processesWith(mark), { timeout: 60_000 }).toEqual([])
      await conversation(page)
        .getByText(/Stopped/)
        .first()
        .waitFor()
    }, 240_000)

    test('killed in mid-step, the turn failed and says by what; the next message goes on in the conversation', async () => {
      pictureOnFailure('kill')
      const { page } = mara
      const mark = `sleep 97${process.pid}`
      await say(page, `Die ${scripted([{ run: `touch dies; ${mark}` }, { say: 'never' }])}`)
      await appears('dies')
      const started = (await log.read()).findLast((event) => event.type === 'turn.started')
      const [runner = 0] = await coppice.pidsOf('runner')
      const [pid] = await childrenOf(runner, runMarker, String(started?.data['runId']))
      if (pid === undefined) throw new Error('the agent of the turn is nowhere')
      process.kill(pid, 'SIGKILL')
      const end = await nextEnd()
      expect(end).toMatchObject({ outcome: 'failed' })
      expect(end['message']).toContain('SIGKILL')
      const exited = (await log.read()).findLast((event) => event.type === 'agent.exited')
      expect(exited?.data).toMatchObject({ signal: 'SIGKILL', groupGone: true })
      expect(await processesWith(mark)).toEqual([])
      await conversation(page)
        .getByText(/SIGKILL/)
        .first()
        .waitFor()
      await say(page, `Go on ${scripted([agent.writes('alive.txt', 'alive\n'), { say: 'I am back.' }])}`)
      await appears('alive.txt')
      expect(await nextEnd()).toMatchObject({ outcome: 'completed' })
      expect(asked('The first is done.', endpoint.requests.slice(-1))).toBe(true)
    }, 240_000)

    test('when the runner is killed in mid-step the turn goes on by itself', async () => {
      pictureOnFailure('restart')
      const { page } = mara
      // It looks for the file before it says that it has begun: the second time it ends at once, the first time never.
      const held = 'if [ ! -e again ]; then touch cutoff; sleep 300; fi'
      await say(page, `Survive ${scripted([{ run: held }, { say: 'It went on.' }])}`)
      await appears('cutoff')
      writeFileSync(path.join(worktree, 'again'), '')
      await coppice.kill('runner')
      const end = await nextEnd()
      if (agent.mayForget && end['outcome'] === 'aborted_by_restart') {
        expect(end['message']).toContain('could not take up the conversation again')
        return
      }
      expect(end).toMatchObject({ outcome: 'completed' })
      expect((await log.until('turn.resumed')).data).toMatchObject({ cause: 'restart' })
      await conversation(page).getByText('It went on.', { exact: true }).waitFor()
    }, 240_000)

    test('a message that is edited runs again from there, with the files as they were before it', async () => {
      pictureOnFailure('edit')
      const { page } = mara
      const old = message(page, 'Afterwards').last()
      await old.hover()
      await old.getByRole('button', { name: 'Edit and run again from here' }).click()
      const box = page.getByRole('textbox', { name: 'The message, edited' })
      await box.fill(`Instead ${scripted([agent.writes('instead.txt', 'instead\n'), { say: 'Instead it is.' }])}`)
      await page.getByRole('button', { name: 'Send again' }).click()
      await appears('instead.txt')
      expect(await nextEnd()).toMatchObject({ outcome: 'completed' })
      expect([there('first.txt'), there('queued.txt'), there('alive.txt')]).toEqual([true, false, false])
      const rewound = await log.until('session.rewound')
      expect(rewound.data).toMatchObject({ restore: 'both' })
      const last = endpoint.requests.slice(-1)
      expect([asked('The first is done.', last), asked('I am back.', last)]).toEqual([true, false])
      await conversation(page).getByText('Instead it is.', { exact: true }).waitFor()
      expect(await message(page, 'Afterwards').count()).toBe(0)
    }, 240_000)

    test('the log told the truth about every step', async () => {
      await expect.poll(async () => untrue(await log.read()), { timeout: 60_000 }).toEqual([])
    })

    test('a fork from its second message has the files and the words from before that, and a life of its own', async () => {
      pictureOnFailure('fork')
      const { page } = mara
      const from = page.url()
      await message(page, 'Instead').getByRole('button', { name: 'Message actions' }).click()
      await page.getByRole('menuitem', { name: 'Fork a session from here' }).click()
      await page.getByText('Forked from').waitFor()
      expect(page.url()).not.toBe(from)
      const fork = await SessionLog.of(coppice, page.url())
      const ready = await fork.until('worktree.ready')
      await say(page, `Mine ${scripted([agent.writes('mine.txt', 'mine\n'), { say: 'My own way.' }])}`)
      const allowed = async (): Promise<boolean> => {
        if (await approval(page).isVisible()) await allow(page)
        return existsSync(path.join(String(ready.data['path']), 'mine.txt'))
      }
      await expect.poll(allowed, { timeout: 120_000 }).toBe(true)
      const end = await fork.until('turn.ended')
      expect(end.data).toMatchObject({ outcome: 'completed' })
      expect(asked('The first is done.', endpoint.requests.slice(-1))).toBe(true)
      expect(there('mine.txt')).toBe(false)
      await expect.poll(async () => untrue(await fork.read()), { timeout: 60_000 }).toEqual([])
      expect(mara.complaints).toEqual([])
    }, 240_000)

    test.runIf(sandboxThere)(
      'kept in a sandbox it works all the same, and writes nowhere else',
      async () => {
        pictureOnFailure('sandbox')
        const { page } = mara
        await page.goto(new URL('/settings/secrets', page.url()).href)
        const sandbox = page.getByRole('radiogroup', { name: /^Sandbox of/ })
        await sandbox.getByRole('radio', { name: 'On', exact: true }).click()
        await expect.poll(() => sandbox.getByRole('radio', { checked: true }).innerText()).toBe('On')
        const outside = path.join(repo, 'outside.txt')
        const steps = [
          agent.writes('inside.txt', 'inside\n'),
          { run: `touch ran; echo out > ${outside}` },
          { say: 'Kept.' },
        ]
        await startSession(page, {
          message: `Kept ${scripted(steps)}`,
          provider: agent.name,
          ...(agent.model !== undefined && { model: agent.model }),
          steps: 'Auto',
        })
        await conversation(page).getByText('Kept.', { exact: true }).waitFor({ timeout: 120_000 })
        const kept = await SessionLog.of(coppice, page.url())
        const ready = await kept.until('worktree.ready')
        expect((await kept.until('turn.ended')).data).toMatchObject({ outcome: 'completed' })
        const inside = (file: string): boolean => existsSync(path.join(String(ready.data['path']), file))
        expect([inside('inside.txt'), inside('ran'), existsSync(outside)]).toEqual([true, true, false])
      },
      240_000,
    )
  })
}
