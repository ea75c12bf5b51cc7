// One side of a comparison: something that says whether an access token is good.

import type { Algorithm, World } from '../world.ts'

/** `true`: the request may pass. Whatever it throws, and whatever else it says, is a refusal. */
export type Verdict = boolean | Promise<boolean>

export interface Contestant {
  readonly name: string
  /** What of signature, `typ`, `iss`, `aud`, `exp` and scope it does not look at, in words. */
  readonly unchecked: string
  /** Algorithms it does not know. */
  readonly lacks?: readonly Algorithm[]
  /**
   * Makes it ready for tokens of one algorithm. It is given the Authorization field as a server has it, a string
   * that nobody has looked at before.
   */
  create(world: World, algorithm: Algorithm): Promise<(authorization: string) => Verdict>
}

/** The token of an Authorization field. */
export const tokenIn = (authorization: string): string => authorization.slice('Bearer '.length)
