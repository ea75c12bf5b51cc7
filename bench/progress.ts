// Shows the progress of a run. On a terminal it is one line that the next one replaces; elsewhere it is a line for each
// step begun.

const terminal = process.stdout.isTTY
const CLEAR = '\r\x1b[K'

let shown = ''

/** `row` is the row that runs, `text` how far it is. */
export function progress(row: string, text: string): void {
  if (terminal) process.stdout.write(`${CLEAR}- ${row}: ${text}`.slice(0, (process.stdout.columns ?? 80) + 3))
  else if (row !== shown) process.stdout.write(`- ${row} ...\n`)
  shown = row
}

/** Removes the line, so that results can be printed in its place. */
export function endProgress(): void {
  if (terminal && shown !== '') process.stdout.write(CLEAR)
  shown = ''
}
