// From text to a parsed, wholly untrusted token. Canonical form comes first: size, parts, alphabet, UTF-8,
// one reading of the JSON. What this accepts has no second spelling with the same signature.
// RFC 7515 section 5.2; RFC 8725 section 3.

import { failure, type Failure } from '../failure.ts'
import type { Limits as AllLimits } from '../config/config.ts'
import { firstRefusal, type Rule } from '../rule.ts'
import { decodeToLatin1, findBase64urlProblem } from './base64url.ts'
import { parseJsonLatin1, type JsonObject } from './strict-json.ts'

/** Read, not believed: nothing in it may be used for anything but finding the key to verify it with. */
export interface ParsedToken {
  readonly header: JsonObject
  readonly claims: JsonObject
  /** As it was signed: both parts in base64url, with the dot. */
  readonly signingInput: string
  /** In base64url. */
  readonly signature: string
  /** At least what header and claims take in memory. */
  readonly heapBytes: number
}

type Limits = Pick<AllLimits, 'maxTokenBytes' | 'maxJsonDepth'>

const PARTS = ['header', 'claims', 'signature'] as const

/** Checks on the text alone, cheapest first. */
export const TEXT_RULES: readonly Rule<[token: string, limits: Limits]>[] = [
  {
    name: 'size',
    check: (token, limits) => (token.length > limits.maxTokenBytes ? failure('token_too_large') : null),
  },
  {
    name: 'parts',
    check(token) {
      const parts = token.split('.', 6).length
      if (parts === 3) return null
      if (parts === 1) return failure('token_opaque')
      return parts === 5 ? failure('token_encrypted') : failure('token_malformed', { problem: 'part_count' })
    },
  },
  {
    name: 'base64url',
    check(token) {
      for (const [index, text] of token.split('.').entries()) {
        const problem = text === '' && index < 2 ? 'empty' : findBase64urlProblem(text)
        if (problem !== null) return failure('token_malformed', { part: PARTS[index] ?? 'other', problem })
      }
      return null
    },
  },
]

/** Parses a compact JWS. Never throws; verifies nothing. */
export function parseToken(token: string, limits: Limits, rules = TEXT_RULES): ParsedToken | Failure {
  const refused = firstRefusal(rules, token, limits)
  if (refused !== null) return refused
  const [headerText = '', claimsText = '', signatureText = ''] = token.split('.')
  const header = parseJsonLatin1(decodeToLatin1(headerText), limits.maxJsonDepth)
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
