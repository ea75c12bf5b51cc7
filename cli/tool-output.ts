// Extracts the reason why wrangler, esbuild or osls failed, as one line, from an output with banners and links.

const escapes = /\x1b\[[0-9;]*m/g

/** The message. If it ends with a colon, the list that follows it, up to the next empty line, is appended. */
function withList(message: string, following: readonly string[]): string {
  if (!message.endsWith(':')) return message
  const from = following.findIndex((line) => line.trim() !== '')
  const rest = from === -1 ? [] : following.slice(from)
  const to = rest.findIndex((line) => line.trim() === '')
  const listed = (to === -1 ? rest : rest.slice(0, to)).map((line) => line.trim().replace(/^- /, ''))
  return [message, listed.join('; ')].join(' ').trim()
}

/** The tool's message, with the location if the tool names one. The whole output if it has no recognised message. */
export function reasonOf(output: string): string {
  const lines = output.replace(escapes, '').split('\n')
  const errors = lines.flatMap((line, at) => {
    const message = /\[ERROR\] (.*)/.exec(line)?.[1]?.trim()
    return message === undefined ? [] : [{ message, following: lines.slice(at + 1) }]
  })
  // A message that ends with a colon announces other errors, which follow it.
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
