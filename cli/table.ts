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
