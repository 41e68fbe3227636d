import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { Language, Parser, type Tree } from '@vscode/tree-sitter-wasm'
import { expect, test } from 'vitest'
import { oneLiners } from './one-liners.ts'

const file = (name: string): string => new URL(`scripts/${name}`, import.meta.url).pathname
const text = (name: string): string => readFileSync(file(name), 'utf8')

test('the Bash scripts are whole', () => {
  for (const name of ['open.sh', 'upload.sh']) execFileSync('bash', ['-n', file(name)])
})

/** PowerShell is on few machines that run this, so a grammar reads the scripts: the one that VS Code marks them up with. */
async function powerShell(): Promise<(source: string) => Tree> {
  const folder = path.dirname(createRequire(import.meta.url).resolve('@vscode/tree-sitter-wasm'))
  await Parser.init({ locateFile: (name: string) => path.join(folder, name) })
  const parser = new Parser()
  parser.setLanguage(await Language.load(path.join(folder, 'tree-sitter-powershell.wasm')))
  return (source) => {
    const tree = parser.parse(source)
    if (!tree) throw new Error('The parser was given no grammar.')
    return tree
  }
}

/** Where the grammar finds something that is no PowerShell. */
const wrongIn = ({ rootNode }: Tree): string[] =>
  rootNode
    .descendantsOfType(['ERROR'])
    .map((node) => `line ${(node?.startPosition.row ?? 0) + 1}: ${node?.text}`)
    .concat(rootNode.hasError ? ['something is missing'] : [])

test('[I-8] [I-14] the PowerShell scripts are PowerShell, use only what 5.1 has, and never pipe bytes', async () => {
  const parse = await powerShell()
  expect(wrongIn(parse("if ($true) { Write-Output 'it'"))).not.toEqual([])
  const known =
    'git cmd Out-Null New-Item Join-Path Invoke-WebRequest Add-Type Get-ChildItem Select-Object Get-Location Test-Path Move-Item Get-Command Write-Output Remove-Item Push-Location Pop-Location Copy-Item Set-Location Invoke-Git'
  for (const name of ['open.ps1', 'upload.ps1']) {
    const source = text(name)
    const tree = parse(source)
    expect(wrongIn(tree)).toEqual([])
    expect(source).toContain("$ErrorActionPreference = 'Stop'")
    // Operators of PowerShell 7 only; and redirections, which 5.1 writes as UTF-16.
    expect(source).not.toMatch(/\?\?|&&|\|\||\?\./)
    expect(tree.rootNode.descendantsOfType(['redirection']).map((node) => node?.text)).toEqual([])
    const used = tree.rootNode.descendantsOfType(['command_name']).map((node) => node?.text ?? '')
    expect(used.length).toBeGreaterThan(5)
    expect(used.filter((command) => !known.split(' ').includes(command) && !command.startsWith('$'))).toEqual([])
  }
})

test('[I-8] [I-14] what is pasted into PowerShell is one line of it, whatever the address', async () => {
  const parse = await powerShell()
  for (const operation of ['open', 'upload'] as const) {
    const { powershell } = oneLiners(operation, 'https://coppice.example:8443', 'coppice_ide_x')
    expect(wrongIn(parse(powershell))).toEqual([])
  }
})

test('[I-8] [I-14] each operation has a command for Bash and one for PowerShell, with the address and the token', () => {
  const { bash, powershell } = oneLiners('upload', 'https://coppice.example', 'coppice_ide_x')
  for (const line of [bash, powershell]) {
    expect(line).not.toContain('\n')
    expect(line).toContain('https://coppice.example/ide/upload.')
    expect(line.match(/coppice_ide_x/g)).toHaveLength(1)
  }
})
