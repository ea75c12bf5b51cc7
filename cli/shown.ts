// Foreign text as a terminal may show it: claims of tokens, answers of stores, what other people gave as a reason.
// Control and format characters are escaped, because they could rewrite the line or hide a part of it.

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu

const escape = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`

/** The text with an escape in place of each character that has no shape of its own. */
export const shown = (text: string): string => text.replace(UNSEEN, escape)

const escapeInJson = (character: string): string =>
  [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('')

/** JSON whose strings have no such character either. */
export const shownJson = (document: object): string =>
  JSON.stringify(document, null, 2)
    .split('\n')
    .map((line) => line.replace(UNSEEN, escapeInJson))
    .join('\n')

/** The same in one line, for commands that print one document after the other. */
export const shownJsonLine = (document: object): string =>
  JSON.stringify(document).replace(UNSEEN, escapeInJson)

/** Line ends, tabs, and the colours of table.ts. */
const OURS = /\n|\t|\x1b\[(?:0|1|2|31|32)m/g

/** Everything that a command prints: a character that foreign text could do harm with is escaped, wherever it is. */
export function shownOutput(text: string): string {
  const parts: string[] = []
  let from = 0
  for (const { 0: kept, index } of text.matchAll(OURS)) {
    parts.push(shown(text.slice(from, index)), kept)
    from = index + kept.length
  }
  return [...parts, shown(text.slice(from))].join('')
}
