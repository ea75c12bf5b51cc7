// Says what is being done. On a terminal one line that the next replaces; elsewhere a line for each thing begun.

const terminal = process.stdout.isTTY
const CLEAR = '\r\x1b[K'

let shown = ''

/** `row` is what is worked on, `text` how far it is. */
export function progress(row: string, text: string): void {
  if (terminal) process.stdout.write(`${CLEAR}- ${row}: ${text}`.slice(0, (process.stdout.columns ?? 80) + 3))
  else if (row !== shown) process.stdout.write(`- ${row} ...\n`)
  shown = row
}

/** Takes the line away, so that what was found can stand in its place. */
export function endProgress(): void {
  if (terminal && shown !== '') process.stdout.write(CLEAR)
  shown = ''
}
