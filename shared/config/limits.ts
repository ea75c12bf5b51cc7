// `limits`: how much of a request and of a token is read, and how much memory verified tokens may take.

import { USUAL_MAX_PATH_BYTES } from '../plan/values/resources.ts'
import { optionalObjectAt, type AddProblem } from './checks.ts'
import type { Meanings } from './meaning.ts'
import { defaultsOf, readerOf, whole, type Settings } from './setting.ts'

/** Bounds of what is read and cached, each in the unit of its name. They hold for one instance of an edge. */
export interface Limits {
  /** Longest token that is read; a longer one is `token_too_large`. 256 to 65 536 bytes. Default 8 192. */
  readonly maxTokenBytes: number
  /** Longest path that is matched; a longer one is `target_too_long`. 64 to 16 384 bytes. Default 4 096. */
  readonly maxPathBytes: number
  /** Deepest nesting of objects and arrays in a header or claims set. 2 to 64 levels. Default 16. */
  readonly maxJsonDepth: number
  /**
   * Most memory for the cache of verified JWTs. 0 to 268 435 456 bytes. Default 16 777 216; 0 turns the cache off. Does
   * not bound the cache of introspection results.
   */
  readonly tokenMemoryBytes: number
}

const LIMITS = {
  maxTokenBytes: whole(256, 65_536, 8_192),
  maxPathBytes: whole(64, 16_384, USUAL_MAX_PATH_BYTES),
  maxJsonDepth: whole(2, 64, 16),
  tokenMemoryBytes: whole(0, 268_435_456, 16_777_216), // by default an eighth of a Worker's isolate
} as const satisfies Settings<keyof Limits>

export const DEFAULT_LIMITS: Limits = defaultsOf(LIMITS)

export const limitMeanings = (): Meanings<keyof Limits> => ({
  maxTokenBytes: {
    default: DEFAULT_LIMITS.maxTokenBytes,
    row: LIMITS.maxTokenBytes,
    meaning: 'longest token that is read',
  },
  maxPathBytes: {
    default: DEFAULT_LIMITS.maxPathBytes,
    row: LIMITS.maxPathBytes,
    meaning: 'longest path that is matched',
  },
  maxJsonDepth: {
    default: DEFAULT_LIMITS.maxJsonDepth,
    row: LIMITS.maxJsonDepth,
    meaning: 'deepest nesting in a token',
  },
  tokenMemoryBytes: {
    default: DEFAULT_LIMITS.tokenMemoryBytes,
    row: LIMITS.tokenMemoryBytes,
    meaning: 'most memory for the cache of verified JWTs; `0`: every token is verified every time',
  },
})

export function checkLimits(value: unknown, addProblem: AddProblem): Limits {
  const given = optionalObjectAt(value, 'limits', addProblem, Object.keys(LIMITS))
  const read = readerOf(LIMITS, given, 'limits', addProblem)
  return {
    maxTokenBytes: read('maxTokenBytes'),
    maxPathBytes: read('maxPathBytes'),
    maxJsonDepth: read('maxJsonDepth'),
    tokenMemoryBytes: read('tokenMemoryBytes'),
  }
}
