// Parses a string to an untrusted token. Only the canonical form is accepted: size, parts, alphabet, UTF-8, strict
// JSON. An accepted token has no second spelling with the same signature.
// RFC 7515 section 5.2; RFC 8725 section 3.

import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { Limits as AllLimits } from '../config/config.ts'
import { firstRefusal, type Rule } from '../failures/rule.ts'
import { decodeToLatin1, findBase64urlProblem, findEndProblem, type Base64urlProblem } from './base64url.ts'
import { readHeader, type ReadHeader } from './read-header.ts'
import { parseJsonLatin1, type JsonObject } from './strict-json.ts'

/** Untrusted: it may be used only to find the key that verifies it. */
export interface ParsedToken {
  readonly header: JsonObject
  readonly claims: JsonObject
  /** Header and claims in base64url, with the dot between them. */
  readonly signingInput: string
  /** In base64url. */
  readonly signature: string
  /** At least what header and claims take in memory. */
  readonly heapBytes: number
}

type Limits = Pick<AllLimits, 'maxTokenBytes' | 'maxJsonDepth'>

const PARTS = ['header', 'claims', 'signature'] as const

type TextRule = Rule<[token: string, parts: readonly string[], limits: Limits]>

const SIZE_RULE: TextRule = {
  name: 'size',
  check: (token, _, limits) => (token.length > limits.maxTokenBytes ? failure('token_too_large') : null),
}

const encodingRule = (findProblem: (text: string) => Base64urlProblem | null): TextRule => ({
  name: 'base64url',
  check(_, parts) {
    for (let index = 0; index < parts.length; index++) {
      const text = parts[index]!
      const problem = text === '' && index < 2 ? 'empty' : findProblem(text)
      if (problem !== null) return failure('token_malformed', { part: PARTS[index] ?? 'other', problem })
    }
    return null
  },
})

/** Checks that need no decoding, cheapest first. */
export const TEXT_RULES: readonly TextRule[] = [
  SIZE_RULE,
  {
    name: 'parts',
    check(_, { length: parts }) {
      if (parts === 3) return null
      if (parts === 1) return failure('token_opaque')
      return parts === 5 ? failure('token_encrypted') : failure('token_malformed', { problem: 'part_count' })
    },
  },
  encodingRule(findBase64urlProblem),
]

/** The checks that `splitCompact` has not made. */
const CUT_RULES: readonly TextRule[] = [SIZE_RULE, encodingRule(findEndProblem)]

/** Header, claims and signature, with no characters but those of base64url. */
export type CompactParts = readonly string[] & { readonly length: 3 }

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/

/** The parts of a text that has the characters of a compact JWS; `null` for any other text. */
export const splitCompact = (text: string): CompactParts | null =>
  COMPACT.test(text) ? (text.split('.') as readonly string[] as CompactParts) : null

/** "{", after a byte order mark and white space, which a reader of JSON may skip. */
const OBJECT_BEGINS = /^(?:\xef\xbb\xbf)?[\x20\t\n\r]*\{/

/** Whether base64url decodes to the beginning of a JSON object, as a header does. Throws if it cannot be decoded. */
export const beginsObject = (text: string): boolean => OBJECT_BEGINS.test(decodeToLatin1(text))

/**
 * Whether a token begins as a JWT does, or has an empty header. Only the characters of base64 at its beginning count.
 */
function beginsAsJwt(token: string): boolean {
  const [begin] = /^[\w+/-]*/.exec(token)!
  return begin === '' || beginsObject(begin.length % 4 === 1 ? begin.slice(0, -1) : begin)
}

/**
 * Parses a compact JWS. Never throws; verifies nothing. A token that does not begin as a JWT is opaque, however many
 * dots it has. `parts`: the parts of the token, if it has been split already. `read`: reads its header.
 */
export function parseToken(
  token: string,
  limits: Limits,
  parts: CompactParts | null = null,
  read: ReadHeader = readHeader,
  rules = parts === null ? TEXT_RULES : CUT_RULES,
): ParsedToken | Failure {
  const parsed = parseCompact(token, limits, parts, read, rules)
  return isFailure(parsed) && parsed.code !== 'token_too_large' && !beginsAsJwt(token)
    ? failure('token_opaque')
    : parsed
}

function parseCompact(
  token: string,
  limits: Limits,
  cut: CompactParts | null,
  read: ReadHeader,
  rules: readonly TextRule[],
): ParsedToken | Failure {
  // Six parts are refused like any higher number.
  const parts = cut ?? token.split('.', 6)
  const refused = firstRefusal(rules, token, parts, limits)
  if (refused !== null) return refused
  const [headerText = '', claimsText = '', signatureText = ''] = parts
  const header = read(headerText, limits.maxJsonDepth)
  if ('problem' in header) return failure('token_malformed', { part: 'header', problem: header.problem })
  const claims = parseJsonLatin1(decodeToLatin1(claimsText), limits.maxJsonDepth)
  if ('problem' in claims) return failure('token_malformed', { part: 'claims', problem: claims.problem })
  return {
    header: header.value,
    claims: claims.value,
    signingInput: token.slice(0, headerText.length + 1 + claimsText.length),
    signature: signatureText,
    heapBytes: header.heapBytes + claims.heapBytes,
  }
}
