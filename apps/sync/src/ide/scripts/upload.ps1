# Sends the uncommitted changes of this repository to a Coppice session; there they are confirmed before they are applied.
# For Windows PowerShell 5.1 and PowerShell 7, with git. COPPICE_URL and COPPICE_TOKEN come with the command.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
function Invoke-Git {
  $answer = & git @args
  if ($LASTEXITCODE -ne 0) { throw "coppice: git $($args -join ' ') failed. Nothing was sent." }
  $answer
}
if (-not $env:COPPICE_URL -or -not $env:COPPICE_TOKEN) { throw 'coppice: Copy the whole command from the session in Coppice.' }
$top = & git rev-parse --show-toplevel
if ($LASTEXITCODE -ne 0) { throw 'coppice: This is no git repository. Go to the folder that "Open in IDE" made.' }
Push-Location -LiteralPath $top
$work = Join-Path ([IO.Path]::GetTempPath()) ('coppice-' + [Guid]::NewGuid().ToString('N'))
try {
  if (-not (Invoke-Git status --porcelain)) {
    Write-Output "Nothing to upload: there are no uncommitted changes in $top. The command can be used once more."
    return
  }
  $out = Join-Path $work 'out'
  New-Item -ItemType Directory -Path (Join-Path $out '.coppice-upload') | Out-Null
  $changed = Join-Path $work 'changed'
  $deleted = Join-Path $work 'deleted'

  # All that is not committed as one tree, by an index of our own: yours is not touched.
  $index = Join-Path $work 'index'
  $own = Invoke-Git rev-parse --git-path index
  if (Test-Path -LiteralPath $own) { Copy-Item -LiteralPath $own -Destination $index }
  $env:GIT_INDEX_FILE = $index
  try {
    Invoke-Git add --all -- ':/'
    $tree = Invoke-Git write-tree
    Invoke-Git diff --no-renames --no-ext-diff --name-only -z '--diff-filter=d' "--output=$changed" HEAD $tree
    Invoke-Git diff --no-renames --no-ext-diff --name-only -z '--diff-filter=D' "--output=$deleted" HEAD $tree
    # Through cmd: a pipe of PowerShell changes bytes.
    $prefix = $out.Replace('\', '/') + '/'
    cmd /c "git -c core.autocrlf=false checkout-index -z --stdin --prefix=`"$prefix`" < `"$changed`""
    if ($LASTEXITCODE -ne 0) { throw 'coppice: The changed files could not be gathered. Nothing was sent.' }
  } finally {
    Remove-Item Env:GIT_INDEX_FILE
  }
  Copy-Item -LiteralPath $deleted -Destination (Join-Path (Join-Path $out '.coppice-upload') 'deleted')

  Set-Location -LiteralPath $out
  Invoke-Git init --quiet
  [IO.File]::WriteAllText((Join-Path $out '.git/info/attributes'), "* -export-ignore -export-subst -text -filter`n")
  Invoke-Git -c core.autocrlf=false -c core.safecrlf=false add --all --force
  $zip = Join-Path $work 'upload.zip'
  $packed = Invoke-Git write-tree
  Invoke-Git archive '--format=zip' "--output=$zip" $packed

  $headers = @{ Authorization = "Bearer $env:COPPICE_TOKEN" }
  try {
    $answer = Invoke-WebRequest -UseBasicParsing -Method Post -Uri "$env:COPPICE_URL/ide/upload" -Headers $headers -ContentType 'application/zip' -InFile $zip
    Write-Output ([string]$answer.Content)
  } catch {
    $words = if ($_.ErrorDetails) { $_.ErrorDetails.Message } else { $_.Exception.Message }
    throw "coppice: $words"
  }
} finally {
  Pop-Location
  Remove-Item -Recurse -Force -LiteralPath $work -ErrorAction SilentlyContinue
}
