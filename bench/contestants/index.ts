// The contestants.

import { AWS_JWT_VERIFY } from './aws-jwt-verify.ts'
import type { Contestant } from './contestant.ts'
import { EXPRESS } from './express.ts'
import { FAST_JWT, FAST_JWT_CACHED } from './fast-jwt.ts'
import { HONO } from './hono.ts'
import { JOSE } from './jose.ts'
import { JSONWEBTOKEN } from './jsonwebtoken.ts'
import { OURS, OURS_LOGGED, OURS_ON_LAMBDA, OURS_ON_NODE } from './ours.ts'

/** For tokens that no contestant has seen. */
export const CONTESTANTS: readonly Contestant[] = [
  OURS,
  OURS_ON_LAMBDA,
  OURS_ON_NODE,
  OURS_LOGGED,
  JOSE,
  AWS_JWT_VERIFY,
  FAST_JWT,
  FAST_JWT_CACHED,
  JSONWEBTOKEN,
  HONO,
  EXPRESS,
]
