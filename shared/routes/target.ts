// Refuses request paths that servers, proxies and frameworks read in different ways (decode before or after splitting,
// drop dot segments or not): a rule matched on one reading must not guard a request that is served under another. No
// path is repaired. One ambiguity is allowed: the route table matches a path with needless escapes both ways.
// RFC 3986 sections 2 and 6.2.2; the table is docs/routes.md.

import { failure, type Failure } from '../failures/failure.ts'

/**
 * Why a path is refused: one word, which holds nothing of the path. In the log it is `detail.problem` of
 * `target_ambiguous`.
 */
export type TargetProblem =
  | 'not_absolute'
  | 'too_long'
  | 'fragment'
  | 'control_character'
  | 'not_ascii'
  | 'backslash'
  | 'semicolon'
  | 'wildcard'
  | 'illegal_character'
  | 'bad_percent_encoding'
  | 'encoded_delimiter'
  | 'encoded_unreserved'
  | 'encoded_control_character'
  | 'encoded_percent'
  | 'bad_utf8'
  | 'empty_segment'
  | 'dot_segment'
  | 'spellings_differ'
  | 'rules_differ'
  | 'resources_differ'

interface TargetRule {
  readonly problem: TargetProblem
  readonly found: (path: string) => boolean
}

const hexOf = (path: string) => path.match(/%[0-9A-Fa-f]{2}/g) ?? []
const decoded = (escape: string) => Number.parseInt(escape.slice(1), 16)

function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/** In order; the first that applies is the one reported. */
export const TARGET_RULES: readonly TargetRule[] = [
  { problem: 'not_absolute', found: (path) => !path.startsWith('/') },
  { problem: 'fragment', found: (path) => path.includes('#') },
  { problem: 'control_character', found: (path) => /[\x00-\x1f\x7f]/.test(path) },
  { problem: 'not_ascii', found: (path) => /[^\x00-\x7f]/.test(path) },
  { problem: 'backslash', found: (path) => path.includes('\\') },
  { problem: 'semicolon', found: (path) => path.includes(';') },
  { problem: 'wildcard', found: (path) => path.includes('*') },
  { problem: 'illegal_character', found: (path) => /[^A-Za-z0-9\-._~!$&'()+,=:@/%]/.test(path) },
  { problem: 'bad_percent_encoding', found: (path) => /%(?![0-9A-Fa-f]{2})/.test(path) },
  { problem: 'encoded_delimiter', found: (path) => /%(?:2f|5c|3b|3f|23|2a)/i.test(path) },
  { problem: 'encoded_percent', found: (path) => /%25[0-9A-Fa-f]{2}/.test(path) },
  {
    problem: 'encoded_unreserved',
    found: (path) =>
      hexOf(path).some((escape) => /[A-Za-z0-9\-._~]/.test(String.fromCharCode(decoded(escape)))),
  },
  {
    problem: 'encoded_control_character',
    found: (path) => hexOf(path).some((escape) => decoded(escape) < 0x20 || decoded(escape) === 0x7f),
  },
  { problem: 'bad_utf8', found: (path) => !isUtf8(path) },
  { problem: 'empty_segment', found: (path) => path.includes('//') },
  { problem: 'dot_segment', found: (path) => /(?:^|\/)\.\.?(?:\/|$)/.test(path) },
]

/** No escape, no dot, no doubled slash: nearly every request has such a path, and one pass recognises it. */
const PLAIN = /^(?:\/[A-Za-z0-9\-_~!$&'()+,=:@]+)+$/

/**
 * Checks that `path` (no query) has only one reading.
 *
 * Does not decode, shorten or rewrite the path: match and forward the path that was checked.
 */
export function findTargetProblem(path: string, maxPathBytes: number): TargetProblem | null {
  if (path.length > maxPathBytes) return 'too_long'
  if (PLAIN.test(path)) return null
  return TARGET_RULES.find((rule) => rule.found(path))?.problem ?? null
}

/** `findTargetProblem` as a failure. */
export function checkTarget(path: string, maxPathBytes: number): Failure | null {
  const problem = findTargetProblem(path, maxPathBytes)
  if (problem === null) return null
  return problem === 'too_long' ? failure('target_too_long') : failure('target_ambiguous', { problem })
}

/** Escapes of characters that a path may also have unescaped: `! $ & ' ( ) + , : = @`. */
const NEEDLESS_ESCAPES = /%(?:21|24|26|27|28|29|2B|2C|3A|3D|40)/g

/**
 * The path with needless escapes decoded, which is how a server reads it that decodes a path before it matches one. A
 * server that does not decode reads `path` itself. RFC 3986 section 2.2.
 */
export const undoNeedlessEscapes = (path: string): string =>
  path.includes('%') ? path.replace(NEEDLESS_ESCAPES, decodeURIComponent) : path

/** Escapes in upper case, so that `%c3` and `%C3` compare equal. RFC 3986 section 6.2.2.1. */
export const upperCaseEscapes = (path: string): string =>
  path.includes('%') ? path.replace(/%[0-9a-f]{2}/gi, (escape) => escape.toUpperCase()) : path
