import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { oneLiners } from './one-liners.ts'

const file = (name: string): string => new URL(`scripts/${name}`, import.meta.url).pathname
const text = (name: string): string => readFileSync(file(name), 'utf8')

test('the Bash scripts are whole', () => {
  for (const name of ['open.sh', 'upload.sh']) execFileSync('bash', ['-n', file(name)])
})

/** PowerShell is on few machines that run this: what can be seen without it is seen. */
function structure(source: string): { depth: number; problems: string[] } {
  const problems: string[] = []
  const open: string[] = []
  const pairs: Record<string, string> = { ')': '(', ']': '[', '}': '{' }
  let quote = ''
  for (let at = 0; at < source.length; at += 1) {
    const sign = source[at] ?? ''
    if (quote === '"' && sign === '`') at += 1
    else if (quote !== '') {
      if (sign === quote) quote = ''
    } else if (sign === '#') at = source.indexOf('\n', at)
    else if (sign === "'" || sign === '"') quote = sign
    else if ('([{'.includes(sign)) open.push(sign)
    else if (')]}'.includes(sign) && open.pop() !== pairs[sign]) problems.push(`${sign} at ${at}`)
  }
  if (quote !== '') problems.push(`a ${quote} is not closed`)
  return { depth: open.length, problems }
}

test('[I-8] [I-14] the PowerShell scripts are balanced, use only what 5.1 has, and never pipe bytes', () => {
  for (const name of ['open.ps1', 'upload.ps1']) {
    const source = text(name)
    expect(structure(source)).toEqual({ depth: 0, problems: [] })
    expect(source).toContain("$ErrorActionPreference = 'Stop'")
    // Operators of PowerShell 7 only; and redirections, which 5.1 writes as UTF-16.
    expect(source).not.toMatch(/\?\?|&&|\|\||\?\./)
    expect(source.replaceAll(/cmd \/c .*$/gm, '')).not.toMatch(/(?<![-=])>(?!=)/)
    const used = [...source.matchAll(/\b([A-Z][a-z]+-[A-Z][A-Za-z]+)\b/g)].map(([, command]) => command ?? '')
    const known =
      'Out-Null New-Item Join-Path Invoke-WebRequest Add-Type Get-ChildItem Select-Object Get-Location Test-Path Move-Item Get-Command Write-Output Remove-Item Push-Location Pop-Location Copy-Item Set-Location Invoke-Git'
    expect(used.filter((command) => !known.split(' ').includes(command))).toEqual([])
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
