/** What people paste into a shell (I-8, I-14). The scripts are the same for all; the token is in the environment of one command only. */
export function oneLiners(
  operation: 'open' | 'upload',
  url: string,
  token: string,
): { readonly bash: string; readonly powershell: string } {
  return {
    bash: `COPPICE_URL='${url}' COPPICE_TOKEN='${token}' bash -c "$(curl -fsSL '${url}/ide/${operation}.sh')"`,
    powershell: `$env:COPPICE_URL='${url}'; $env:COPPICE_TOKEN='${token}'; irm '${url}/ide/${operation}.ps1' | iex; Remove-Item Env:COPPICE_TOKEN`,
  }
}
