// Breaks long lines at their spaces, so that a terminal and a page show them whole.

/** Widest line of a report. A single word may be longer. */
export const WIDTH = 110

export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** A text with something before its first line, and as many spaces before the others. */
export const hang = (before: string, text: string): string =>
  wrap(text, WIDTH - before.length)
    .map((line, index) => `${index === 0 ? before : ' '.repeat(before.length)}${line}`)
    .join('\n')
