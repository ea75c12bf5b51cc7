// JSON as a signed statement: one reading only. JSON.parse keeps the last of two equal members and knows no
// depth; a parser elsewhere may keep the first. Anything two parsers could read differently is refused.
// RFC 8259 sections 4 and 8.1; RFC 7515 section 4 (member names must be unique).

export type JsonObject = { readonly [member: string]: unknown }

/** A JSON object: not `null`, not a list. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export type JsonProblem =
  'not_utf8' | 'not_json' | 'not_object' | 'too_deep' | 'duplicate_member' | 'reserved_member'

export type JsonResult = { readonly value: JsonObject } | { readonly problem: JsonProblem }

interface JsonShape {
  /** Members named in the text, counting every object. */
  readonly members: number
  /** Deepest nesting of objects and arrays. */
  readonly depth: number
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a

/** Counts members and depth in the text itself, outside strings, before anything is built from it. */
function measureJson(text: string): JsonShape {
  let members = 0
  let depth = 0
  let deepest = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === QUOTE) {
      for (i++; i < text.length && text.charCodeAt(i) !== QUOTE; i++) {
        if (text.charCodeAt(i) === BACKSLASH) i++
      }
    } else if (char === COLON) members++
    else if (char === 0x7b || char === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (char === 0x7d || char === 0x5d) depth--
  }
  return { members, depth: deepest }
}

interface MemberCount {
  readonly members: number
  readonly reserved: boolean
}

/** Members that survived parsing. Fewer than the text names means that a name was there twice. */
function countMembers(value: unknown): MemberCount {
  if (typeof value !== 'object' || value === null) return { members: 0, reserved: false }
  const own = Array.isArray(value) ? [] : Object.keys(value)
  return Object.values(value)
    .map(countMembers)
    .reduce(
      (sum, inner) => ({ members: sum.members + inner.members, reserved: sum.reserved || inner.reserved }),
      { members: own.length, reserved: own.includes('__proto__') },
    )
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
  const shape = measureJson(text)
  if (shape.depth > maxDepth) return { problem: 'too_deep' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'not_json' }
  }
  if (!isJsonObject(value)) return { problem: 'not_object' }
  const count = countMembers(value)
  if (count.members !== shape.members) return { problem: 'duplicate_member' }
  if (count.reserved) return { problem: 'reserved_member' }
  return { value }
}

/** A member the object itself has. `constructor` and its like are not found on the prototype. */
export const member = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined
