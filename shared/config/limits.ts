// `limits`: how much of a request and of tokens is read and held.

import { checkWhole, optionalObjectAt, type AddProblem } from './checks.ts'
import type { Meanings } from './meaning.ts'

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

export const DEFAULT_LIMITS = {
  maxTokenBytes: 8_192,
  maxPathBytes: 4_096,
  maxJsonDepth: 16,
  tokenMemoryBytes: 16_777_216, // an eighth of a Worker's isolate
} as const satisfies Limits

export const limitMeanings = (): Meanings<keyof Limits> => ({
  maxTokenBytes: { default: DEFAULT_LIMITS.maxTokenBytes, meaning: 'longest token read' },
  maxPathBytes: { default: DEFAULT_LIMITS.maxPathBytes, meaning: 'longest path matched' },
  maxJsonDepth: { default: DEFAULT_LIMITS.maxJsonDepth, meaning: 'deepest nesting in a token' },
  tokenMemoryBytes: {
    default: DEFAULT_LIMITS.tokenMemoryBytes,
    meaning: 'most that is held about tokens verified before; `0`: every token is verified every time',
  },
})

/** Least and most of every limit. */
const LIMIT_RANGES = {
  maxTokenBytes: [256, 65_536],
  maxPathBytes: [64, 16_384],
  maxJsonDepth: [2, 64],
  tokenMemoryBytes: [0, 268_435_456],
} as const satisfies Record<keyof Limits, readonly [number, number]>

export function checkLimits(value: unknown, addProblem: AddProblem): Limits {
  const names = Object.keys(LIMIT_RANGES) as (keyof Limits)[]
  const given = optionalObjectAt(value, 'limits', addProblem, names)
  const limits = { ...DEFAULT_LIMITS } as { -readonly [name in keyof Limits]: number }
  for (const name of names) {
    const [least, most] = LIMIT_RANGES[name]
    limits[name] = checkWhole(given[name], `limits.${name}`, DEFAULT_LIMITS[name], least, most, addProblem)
  }
  return limits
}
