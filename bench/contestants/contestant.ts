// One side of a comparison: something that says whether an access token is good.

import type { Algorithm, World } from '../world.ts'

/** `true`: the request may pass. Any other value, and any exception, is a refusal. */
export type Verdict = boolean | Promise<boolean>

export interface Contestant {
  readonly name: string
  /** Which of signature, `typ`, `iss`, `aud`, `exp` and scope the contestant does not check, in words. */
  readonly unchecked: string
  /** Algorithms that the contestant does not support. */
  readonly lacks?: readonly Algorithm[]
  /**
   * Prepares the contestant for tokens of one algorithm. The function that it returns is given the Authorization field
   * as a server has it: a string that no code has read before.
   */
  create(world: World, algorithm: Algorithm): Promise<(authorization: string) => Verdict>
}

/** The token of an Authorization field. */
export const tokenIn = (authorization: string): string => authorization.slice('Bearer '.length)
