// Text of a person or an issuer as a string of a file that init writes. It stays that string whatever it holds: quotes,
// line ends, and characters without a shape of their own are escaped.

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu

const hexadecimal = (character: string, digits: number): string =>
  character.codePointAt(0)!.toString(16).padStart(digits, '0')

/** A string of TypeScript or JavaScript. */
export const quoteScript = (text: string): string =>
  `'${text.replace(/[\\']/g, '\\$&').replace(UNSEEN, (character) => `\\u{${hexadecimal(character, 1)}}`)}'`

/** A string of TOML 1.0 (a basic string) or YAML 1.2 (double-quoted), whose escapes are the same. */
export const quoteData = (text: string): string =>
  `"${text
    .replace(/[\\"]/g, '\\$&')
    .replace(UNSEEN, (character) =>
      character.length === 1 ? `\\u${hexadecimal(character, 4)}` : `\\U${hexadecimal(character, 8)}`,
    )}"`

const WORD = /^[A-Za-z_$][\w$]*$/

/** A value of data as TypeScript on one line. */
export function printValue(value: unknown): string {
  if (typeof value === 'string') return quoteScript(value)
  if (Array.isArray(value)) return `[${value.map(printValue).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(
    ([name, member]) => `${WORD.test(name) ? name : quoteScript(name)}: ${printValue(member)}`,
  )
  return `{ ${members.join(', ')} }`
}
