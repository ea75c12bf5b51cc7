// Tables for a terminal: aligned columns, and colour unless NO_COLOR is set or standard output is no terminal.

export type Colour = 'red' | 'green' | 'dim' | 'bold'

const CODES: Readonly<Record<Colour, number>> = { red: 31, green: 32, dim: 2, bold: 1 }

const coloured = process.stdout.isTTY && !process.env['NO_COLOR']

/** Colours text if standard output is a terminal and NO_COLOR is not set. */
export const paint = (colour: Colour, text: string): string =>
  coloured ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text

export interface Cell {
  readonly text: string
  readonly colour?: Colour
}

const toCell = (cell: string | Cell): Cell => (typeof cell === 'string' ? { text: cell } : cell)

/** A table with a heading line; columns as wide as their widest cell. */
export function layOut(headings: readonly string[], rows: readonly (readonly (string | Cell)[])[]): string {
  const cells = rows.map((row) => row.map(toCell))
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column]?.text.length ?? 0)),
  )
  const line = (row: readonly Cell[]) =>
    row
      .map(({ text, colour }, column) => {
        const padded = column === row.length - 1 ? text : text.padEnd(widths[column]!)
        return colour === undefined ? padded : paint(colour, padded)
      })
      .join('  ')
  return [
    line(headings.map((text) => ({ text, colour: 'bold' }))),
    line(widths.map((width) => ({ text: '-'.repeat(width), colour: 'dim' }))),
    ...cells.map(line),
  ].join('\n')
}

/** The lines of a text, broken between words. A longer word has a line of its own. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/** The last column has at least this much room. */
const LEAST_WIDTH = 40

/** As `layOut`, with the texts of the last column broken so that lines have at most `width` characters, if they can. */
export function layOutWithin(
  width: number,
  headings: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
): string {
  const cells = rows.map((row) => row.map(toCell))
  const others = headings
    .slice(0, -1)
    .map((heading, column) => Math.max(heading.length, ...cells.map((row) => row[column]?.text.length ?? 0)))
  const room = Math.max(LEAST_WIDTH, width - others.reduce((sum, each) => sum + each + 2, 0))
  const broken = cells.flatMap((row) => {
    const last = row.at(-1) ?? { text: '' }
    return wrap(last.text, room).map((text, at) => [
      ...row.slice(0, -1).map((cell) => (at === 0 ? cell : { text: '' })),
      { ...last, text },
    ])
  })
  return layOut(headings, broken)
}
