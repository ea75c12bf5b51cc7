// `limits`: how much of a request and of tokens is read and held.

import { optionalObjectAt, type AddProblem } from './checks.ts'
import type { Meanings } from './meaning.ts'
import { defaultsOf, readerOf, whole, type Settings } from './setting.ts'

export interface Limits {
  /** Longest token read. Default 8 192 bytes. */
  readonly maxTokenBytes: number
  /** Longest path matched. Default 4 096 bytes. */
  readonly maxPathBytes: number
  /** Deepest nesting of objects and arrays in a header or claims set. Default 16. */
  readonly maxJsonDepth: number
  /** Most that may be held in memory about tokens that were verified before. Default 16 777 216 bytes; 0: nothing is. */
  readonly tokenMemoryBytes: number
}

const LIMITS = {
  maxTokenBytes: whole(256, 65_536, 8_192),
  maxPathBytes: whole(64, 16_384, 4_096),
  maxJsonDepth: whole(2, 64, 16),
  tokenMemoryBytes: whole(0, 268_435_456, 16_777_216), // by default an eighth of a Worker's isolate
} as const satisfies Settings<keyof Limits>

export const DEFAULT_LIMITS: Limits = defaultsOf(LIMITS)

export const limitMeanings = (): Meanings<keyof Limits> => ({
  maxTokenBytes: { default: DEFAULT_LIMITS.maxTokenBytes, meaning: 'longest token read' },
  maxPathBytes: { default: DEFAULT_LIMITS.maxPathBytes, meaning: 'longest path matched' },
  maxJsonDepth: { default: DEFAULT_LIMITS.maxJsonDepth, meaning: 'deepest nesting in a token' },
  tokenMemoryBytes: {
    default: DEFAULT_LIMITS.tokenMemoryBytes,
    meaning: 'most that is held about tokens verified before; `0`: every token is verified every time',
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
