// From text to a parsed, wholly untrusted token. Canonical form comes first: size, parts, alphabet, UTF-8,
// one reading of the JSON. What this accepts has no second spelling with the same signature.
// RFC 7515 section 5.2; RFC 8725 section 3.

import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { Limits as AllLimits } from '../config/config.ts'
import { firstRefusal, type Rule } from '../failures/rule.ts'
import { decodeToLatin1, findBase64urlProblem, findEndProblem, type Base64urlProblem } from './base64url.ts'
import { parseJsonLatin1, type JsonObject, type JsonResult } from './strict-json.ts'

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

/** Checks on the text alone, cheapest first. */
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

/** What is left to check of a text that `cutCompact` has cut. */
const CUT_RULES: readonly TextRule[] = [SIZE_RULE, encodingRule(findEndProblem)]

/** Header, claims and signature, with no characters but those of base64url. */
export type CompactParts = readonly string[] & { readonly length: 3 }

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/

/** The parts of a text that has the characters of a compact JWS; `null`: it is something else. */
export const cutCompact = (text: string): CompactParts | null =>
  COMPACT.test(text) ? (text.split('.') as readonly string[] as CompactParts) : null

/** A text of its own, put together anew: one cut out of a longer one would keep all of that alive. */
export const apart = (text: string): string => ` ${text}`.slice(1)

/** Most tokens of an issuer begin alike, and what a text says never changes: so many are not read again. */
const HEADERS_KEPT = 64
const MAX_KEPT_CHARS = 512
const headers = new Map<string, JsonResult>()

/** Whether it is the header of a token that was read before. */
export const isHeader = (text: string): boolean => headers.has(text)

/** With nothing in it that could be nested deeper than any limit. */
const isFlat = (header: JsonObject): boolean =>
  Object.values(header).every((value) => typeof value !== 'object' || value === null)

function readHeader(text: string, maxDepth: number): JsonResult {
  const known = headers.get(text)
  if (known !== undefined) return known
  const read = parseJsonLatin1(decodeToLatin1(text), maxDepth)
  if ('problem' in read || !isFlat(read.value) || text.length > MAX_KEPT_CHARS) return read
  if (headers.size === HEADERS_KEPT) headers.clear()
  Object.freeze(read.value)
  headers.set(apart(text), read)
  return read
}

/** "{", after all that a reader of JSON may skip. */
const OBJECT_BEGINS = /^(?:\xef\xbb\xbf)?[\x20\t\n\r]*\{/

/** Whether it is the beginning of a JSON object, however spaced: of a header, for all that is known. Throws for what is no base64. */
export const beginsObject = (text: string): boolean => OBJECT_BEGINS.test(decodeToLatin1(text))

/** Whether a text begins as a JWT does, or with nothing where its header should be. As far as it is base64. */
function beginsAsJwt(token: string): boolean {
  const [begin] = /^[\w+/-]*/.exec(token)!
  return begin === '' || beginsObject(begin.length % 4 === 1 ? begin.slice(0, -1) : begin)
}

/**
 * Parses a compact JWS, cut already or not. Never throws; verifies nothing. What does not even begin as one is opaque,
 * whatever dots it has.
 */
export function parseToken(
  token: string,
  limits: Limits,
  cut: CompactParts | null = null,
  rules = cut === null ? TEXT_RULES : CUT_RULES,
): ParsedToken | Failure {
  const parsed = parseCompact(token, limits, cut, rules)
  return isFailure(parsed) && parsed.code !== 'token_too_large' && !beginsAsJwt(token)
    ? failure('token_opaque')
    : parsed
}

function parseCompact(
  token: string,
  limits: Limits,
  cut: CompactParts | null,
  rules: readonly TextRule[],
): ParsedToken | Failure {
  // More than six tell nothing more.
  const parts = cut ?? token.split('.', 6)
  const refused = firstRefusal(rules, token, parts, limits)
  if (refused !== null) return refused
  const [headerText = '', claimsText = '', signatureText = ''] = parts
  const header = readHeader(headerText, limits.maxJsonDepth)
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
