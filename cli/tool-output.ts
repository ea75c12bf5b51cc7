// Why a tool failed, in one line: wrangler, esbuild and osls print a banner, the place and links around it.

const escapes = /\x1b\[[0-9;]*m/g

/** A message that announces a list, with what it lists: the lines up to the next empty one. */
function withList(message: string, following: readonly string[]): string {
  if (!message.endsWith(':')) return message
  const from = following.findIndex((line) => line.trim() !== '')
  const rest = from === -1 ? [] : following.slice(from)
  const to = rest.findIndex((line) => line.trim() === '')
  const listed = (to === -1 ? rest : rest.slice(0, to)).map((line) => line.trim().replace(/^- /, ''))
  return [message, listed.join('; ')].join(' ').trim()
}

/** What the tool says is wrong, with the place if it names one; everything where neither is recognised. */
export function reasonOf(output: string): string {
  const lines = output.replace(escapes, '').split('\n')
  const errors = lines.flatMap((line, at) => {
    const message = /\[ERROR\] (.*)/.exec(line)?.[1]?.trim()
    return message === undefined ? [] : [{ message, following: lines.slice(at + 1) }]
  })
  // One that counts others is followed by them.
  const found = errors.find(({ message }) => !message.endsWith(':')) ?? errors[0]
  if (found !== undefined) {
    const place = found.following.slice(0, 5).find((line) => /^\s+\S+:\d+:\d+:$/.test(line))
    const message = withList(found.message, found.following)
    return place === undefined ? message : `${place.trim()} ${message}`
  }
  const error = lines.findIndex((line) => /^Error:?$/.test(line.trim()))
  const at = error === -1 ? -1 : lines.findIndex((line, index) => index > error && line.trim() !== '')
  return at === -1 ? lines.join('\n').trim() : withList(lines[at]!.trim(), lines.slice(at + 1))
}
