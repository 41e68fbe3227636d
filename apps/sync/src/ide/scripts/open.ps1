# Opens a Coppice session in a local editor: downloads its worktree, extracts it here, opens the folder.
# For Windows PowerShell 5.1 and PowerShell 7. COPPICE_URL and COPPICE_TOKEN come with the command.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if (-not $env:COPPICE_URL -or -not $env:COPPICE_TOKEN) { throw 'coppice: Copy the whole command from the session in Coppice.' }
$work = Join-Path ([IO.Path]::GetTempPath()) ('coppice-' + [Guid]::NewGuid().ToString('N'))
New-Item -ItemType Directory -Path $work | Out-Null
try {
  $zip = Join-Path $work 'session.zip'
  $headers = @{ Authorization = "Bearer $env:COPPICE_TOKEN" }
  try {
    Invoke-WebRequest -UseBasicParsing -Method Post -Uri "$env:COPPICE_URL/ide/open" -Headers $headers -OutFile $zip
  } catch {
    $words = if ($_.ErrorDetails) { $_.ErrorDetails.Message } else { $_.Exception.Message }
    throw "coppice: $words"
  }
  $out = Join-Path $work 'out'
  Add-Type -AssemblyName System.IO.Compression.FileSystem
  [IO.Compression.ZipFile]::ExtractToDirectory($zip, $out)
  $name = (Get-ChildItem -Directory -Force -Path $out | Select-Object -First 1).Name
  $target = Join-Path (Get-Location).Path $name
  $count = 2
  while (Test-Path -LiteralPath $target) {
    $target = Join-Path (Get-Location).Path "$name-$count"
    $count++
  }
  Move-Item -LiteralPath (Join-Path $out $name) -Destination $target
  $opened = $false
  foreach ($ide in @($env:COPPICE_IDE, 'code', 'cursor', 'zed', 'idea')) {
    if (-not $opened -and $ide -and (Get-Command $ide -ErrorAction SilentlyContinue)) {
      & $ide $target
      Write-Output "Opened in ${ide}: $target"
      $opened = $true
    }
  }
  if (-not $opened) { Write-Output $target }
} finally {
  Remove-Item -Recurse -Force -LiteralPath $work -ErrorAction SilentlyContinue
}
