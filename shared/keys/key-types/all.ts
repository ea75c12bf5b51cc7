// Every key type, for the checks of a configuration and for edges that compile one when they start.

import type { SignatureAlgorithm } from '../../token/algorithms.ts'
import { EC } from './ec.ts'
import type { KeyType } from './key-type.ts'
import { OKP } from './okp.ts'
import { RSA } from './rsa.ts'

export const KEY_TYPES: readonly KeyType[] = [RSA, EC, OKP]

/** The key type of an algorithm. */
export const keyTypeOf = (algorithm: SignatureAlgorithm): KeyType =>
  KEY_TYPES.find(({ algorithms }) => Object.hasOwn(algorithms, algorithm))!
