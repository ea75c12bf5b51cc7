// The canonical form of `htu`: a URL that has the form of the request's URL is the same URL to every reader of the URL
// standard, and a canonical form is its own canonical form.

import fc from 'fast-check'
import { canonicalUrl } from '../../../shared/sender/dpop/htu.ts'
import { demand } from '../fixture.ts'
import { changeText, textChanges, type TextChange } from '../mutate.ts'
import { property } from '../property.ts'

const PIECES = [
  '/', '//', '/./', '/../', '.', '..', '%2e', '%2E%2e', '%2F', '%5c', '%6f', '%6F', '%7e', '~', '?', '?a=b', '#', '#a', '@', 'user@', 'user:x@', ':443', ':0443', ':80', ':', ':8443', '\\', '\t', '\n', '\r', ' ', '\u0000', '\u00a0', 'é', '。', '．', 'ſ', 'K', '\u200b', '\ud800', 'http', 'HTTPS', 'S', 'E', 'X', ';', '%', '%zz', '[', ']', '[::1]', 'xn--', '|', '^', '{', '"', '<', '*', '$', '+',
] // prettier-ignore

const TARGETS = [
  'https://edge.example/orders/1',
  'https://edge.example:8443/o/~a%2Fb',
  'http://[::1]:3000/a',
  'https://127.0.0.1/',
] as const

interface Input {
  readonly target: number
  readonly url: readonly TextChange[]
}

/** As the URL standard reads it, without user name, query and fragment. */
function read(url: string): string {
  const { origin, pathname, username, password } = new URL(url)
  demand(username === '' && password === '', 'a URL with a user name has a canonical form')
  const path = pathname.replace(/%../g, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : escape.toUpperCase()
  })
  return origin + path
}

/** @internal `toCanonical`: lets a test show that the property notices another reader. */
export const proofUrlWith = (toCanonical: typeof canonicalUrl) =>
  property<Input>({
    name: 'URL of a proof',
    about: 'spellings of a URL in a proof, beside the URL of the request',
    input: fc.record({ target: fc.nat(TARGETS.length - 1), url: textChanges(PIECES, 3) }),
    mustSee: ['the same', 'another', 'refused'],
    async check({ target: index, url: changes }) {
      const target = TARGETS[index]!
      const url = changeText(target, changes)
      const form = toCanonical(url)
      demand(toCanonical(target) === target, 'the URL of the request is not canonical')
      if (form === null) return 'refused'
      demand(toCanonical(form) === form, 'a canonical form has another canonical form')
      demand(!/[^\x21-\x7e]/.test(url), 'a URL that is not ASCII has a canonical form')
      if (form !== target) return 'another'
      demand(URL.canParse(url) && read(url) === target, 'another URL has the form of the URL of the request')
      return 'the same'
    },
  })

export const proofUrl = proofUrlWith(canonicalUrl)
