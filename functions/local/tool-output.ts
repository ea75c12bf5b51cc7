// Why a tool failed, in one line: wrangler, esbuild and osls print a banner, the place and links around it.

const escapes = /\x1b\[[0-9;]*m/g

/** What the tool says is wrong, with the place if it names one; everything where neither is recognised. */
export function reasonOf(output: string): string {
  const lines = output.replace(escapes, '').split('\n')
  const at = lines.findIndex((line) => /\[ERROR\] /.test(line))
  if (at !== -1) {
    const message = lines[at]!.replace(/^.*?\[ERROR\] /, '').trim()
    const next = lines.slice(at + 1, at + 6).findIndex((line) => /^\s+\S+:\d+:\d+:$/.test(line))
    return next === -1 ? message : `${lines[at + 1 + next]!.trim()} ${message}`
  }
  const error = lines.findIndex((line) => /^Error:?$/.test(line.trim()))
  const message = error === -1 ? undefined : lines.slice(error + 1).find((line) => line.trim() !== '')
  return message?.trim() ?? lines.join('\n').trim()
}
