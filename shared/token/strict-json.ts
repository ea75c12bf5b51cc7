// Strict JSON for signed statements: text that two parsers could read differently is refused. JSON.parse keeps the last
// of two members with the same name and has no limit on depth; another parser may keep the first member.
// RFC 8259 sections 4 and 8.1; RFC 7515 section 4 (member names must be unique).

export type JsonObject = { readonly [member: string]: unknown }

/** A JSON object: not `null`, not a list. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export type JsonProblem =
  | 'not_utf8'
  | 'not_json'
  | 'not_object'
  | 'too_deep'
  | 'duplicate_member'
  | 'reserved_member'

export type JsonResult =
  /** `heapBytes`: at least what the value takes in memory. */
  { readonly value: JsonObject; readonly heapBytes: number } | { readonly problem: JsonProblem }

interface JsonShape {
  /** Members named in the text, counting every object. */
  readonly members: number
  /** Deepest nesting of objects and arrays. */
  readonly depth: number
  /** Objects, lists, members and items: everything that takes memory of its own. */
  readonly nodes: number
  /** Whether every character is one byte, in any encoding. */
  readonly isAscii: boolean
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c

/** Bytes for an object or a list with room to grow, or for the name of a member and the header of its string. */
const NODE_BYTES = 64

/** Counts members and depth in the text itself, outside strings, before anything is built from it. */
function measureJson(text: string): JsonShape {
  let members = 0
  let items = 0
  let opened = 0
  let depth = 0
  let deepest = 0
  let bits = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    bits |= char
    if (char === QUOTE) {
      for (i++; i < text.length; i++) {
        const inner = text.charCodeAt(i)
        bits |= inner
        if (inner === QUOTE) break
        if (inner === BACKSLASH) i++
      }
    } else if (char === COLON) members++
    else if (char === COMMA) items++
    else if (char === 0x7b || char === 0x5b) {
      opened++
      if (++depth > deepest) deepest = depth
    } else if (char === 0x7d || char === 0x5d) depth--
  }
  return { members, depth: deepest, nodes: members + items + 2 * opened, isAscii: bits < 0x80 }
}

/** The result of `countMembers` for a value with a member `__proto__`. */
const RESERVED = -1

/**
 * The members of a parsed value. If there are fewer than in the text, the text has the same name twice in an object.
 */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let members = 0
  if (Array.isArray(value)) {
    for (const item of value) {
      const inner = countMembers(item)
      if (inner === RESERVED) return RESERVED
      members += inner
    }
    return members
  }
  // Objects from JSON.parse have no enumerable members but their own.
  for (const name in value) {
    const inner = name === '__proto__' ? RESERVED : countMembers((value as JsonObject)[name])
    if (inner === RESERVED) return RESERVED
    members += 1 + inner
  }
  return members
}

function parseText(text: string, shape: JsonShape, maxDepth: number): JsonResult {
  if (shape.depth > maxDepth) return { problem: 'too_deep' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'not_json' }
  }
  if (!isJsonObject(value)) return { problem: 'not_object' }
  const members = countMembers(value)
  if (members === RESERVED) return { problem: 'reserved_member' }
  if (members !== shape.members) return { problem: 'duplicate_member' }
  return { value, heapBytes: 2 * text.length + NODE_BYTES * shape.nodes }
}

/**
 * Bytes to a JSON object: strict UTF-8 without a byte order mark, an object at the top, no member twice
 * (escaped spellings included), no `__proto__`, nesting of at most `maxDepth`.
 *
 * Does not look at what the members mean. Never throws.
 */
export function parseJsonObject(bytes: Uint8Array, maxDepth: number): JsonResult {
  let text: string
  try {
    text = UTF8.decode(bytes)
  } catch {
    return { problem: 'not_utf8' }
  }
  return parseText(text, measureJson(text), maxDepth)
}

/** The same for bytes as a string with one character for each byte. If all are ASCII, the string is the text itself. */
export function parseJsonLatin1(latin1: string, maxDepth: number): JsonResult {
  const shape = measureJson(latin1)
  return shape.isAscii
    ? parseText(latin1, shape, maxDepth)
    : parseJsonObject(
        Uint8Array.from(latin1, (char) => char.charCodeAt(0)),
        maxDepth,
      )
}

/** A member the object itself has. `constructor` and its like are not found on the prototype. */
export const member = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined
