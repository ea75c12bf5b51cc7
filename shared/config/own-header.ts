// A header field of the operator's own, which the Worker never sends to the origin: it has a secret, or what is
// believed only beside one. RFC 9110 sections 5.1 and 5.6.2. Refuses names that something else reads or writes.

import { isHttpToken } from '../platform/http-token.ts'
import { isNonEmptyString, type AddProblem } from './checks.ts'
import type { CheckedSettings, EdgeEnvironment } from './edges/section.ts'

/** Fields that have a meaning in HTTP, in browsers, or at Cloudflare. */
const USED =
  /^(?:accept|accept-.+|access-control-.+|age|authorization|cache-control|cdn-loop|cf-.+|connection|content-.+|cookie.*|date|dpop|expect|forwarded|from|host|if-.+|keep-alive|max-forwards|origin|pragma|priority|proxy-.+|range|referer|sec-.+|te|trace(?:parent|state)|trailer|transfer-encoding|true-client-ip|upgrade|upgrade-.+|user-agent|via|x-forwarded-.+|x-real-ip)$/

/** As servers read it that make variables of header names (RFC 3875 section 4.1.18). */
export const toCanonical = (name: string): string => name.replace(/[^a-z0-9]/g, '-')

/** The name in lower case. */
export function checkOwnHeader(value: unknown, path: string, addProblem: AddProblem): string {
  if (!isNonEmptyString(value)) {
    addProblem(path, 'must be the name of a header field')
    return ''
  }
  const name = value.toLowerCase()
  if (!isHttpToken(name)) addProblem(path, `is ${JSON.stringify(value)}, which is no header name`)
  else if (USED.test(toCanonical(name)))
    addProblem(path, `is ${JSON.stringify(value)}, which has another meaning; take a name of your own`)
  return name
}

/** Adds a problem where another setting is about the same field. `isSecret`: whether it has a secret. */
export function checkOwnHeaderTogether(
  header: string,
  path: string,
  { identity, origin, cors }: Pick<CheckedSettings, 'identity' | 'origin' | 'cors'>,
  { isRemoved = () => false }: EdgeEnvironment,
  isSecret: boolean,
  addProblem: AddProblem,
): void {
  if (toCanonical(header).startsWith(identity.headerPrefix))
    addProblem(path, 'is a name of the identity, which no client may set')
  else if (origin?.keepHeaders.has(header) === true)
    addProblem(path, 'is in origin.keepHeaders, and this field never reaches the origin')
  else if (isSecret && isRemoved(header))
    addProblem(
      path,
      'is a name that proxies and frameworks write (docs/cloudflare.md); take a name of your own',
    )
  if (cors?.headers.includes(header) === true)
    addProblem(
      path,
      isSecret
        ? 'is in cors.headers; no script should have the secret'
        : 'is in cors.headers; no script sets this field',
    )
}
