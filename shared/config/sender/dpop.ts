// `dpop`: how proofs are checked of tokens that are bound to a DPoP key. RFC 9449.

import type { SecretRef } from '../../secrets/secret-ref.ts'
import {
  isSignatureAlgorithm,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from '../../token/algorithms.ts'
import { checkBinding } from '../binding.ts'
import { checkStrings, list, objectAt, optionalObjectAt, type AddProblem } from '../checks.ts'
import type { EdgeEnvironment } from '../edges/section.ts'
import { checkDynamoDb, type DynamoDbConfig } from '../revocation/dynamodb.ts'
import { checkSecret } from '../secrets.ts'
import type { Meanings } from '../meaning.ts'
import { defaultsOf, readerOf, whole } from '../setting.ts'

/**
 * `dpop`: how proofs are checked (RFC 9449 section 4.3) where an issuer has a `senderConstraint` that takes bound
 * tokens. Does not turn the check on, and has no effect on other tokens.
 */
export interface DpopConfig {
  /** Algorithms that proofs may have. Default `ES256`, `EdDSA`, `Ed25519`, `PS256`, `RS256`. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** How old a proof may be. 1 to 3 600 seconds. Default 300. */
  readonly maxAgeSeconds?: number
  /** How far in the future a proof may have been made, because clocks differ. 0 to 300 seconds. Default 30. */
  readonly futureSeconds?: number
  /**
   * Demands a nonce of this edge in every proof. Then the time of the edge counts, and no clock of a client. For the
   * Worker: API Gateway cannot send nonces. Default: none.
   */
  readonly nonce?: DpopNonceConfig
  /** Where used proofs are kept, for routes with `replay: 'strong'`. */
  readonly replay?: DpopReplayConfig
}

/** The secrets of the nonces. Every instance of every edge has the same. */
export interface DpopNonceConfig {
  /** The secret that nonces are made with: at least 32 bytes in base64url. */
  readonly key: SecretRef
  /** During a rotation: the secret before it. Its nonces are still accepted. */
  readonly previousKey?: SecretRef
}

/** Where used proofs are kept besides the memory of the instance. */
export interface DpopReplayConfig {
  /** The binding of the Worker to the Durable Objects of the store Worker. For Cloudflare. */
  readonly durableObject?: string
  /** The table. For AWS. */
  readonly dynamodb?: DynamoDbConfig
  /** Most memory for used proofs in one instance, in bytes. 65 536 to 268 435 456. Default 8 388 608. */
  readonly memoryBytes?: number
}

/** `DpopConfig` with every default filled in. */
export interface ResolvedDpop {
  readonly algorithms: ReadonlySet<SignatureAlgorithm>
  readonly maxAgeSeconds: number
  readonly futureSeconds: number
  readonly nonce: DpopNonceConfig | null
  readonly replay: {
    readonly durableObject: string | null
    readonly dynamodb: DynamoDbConfig | null
    readonly memoryBytes: number
  }
}

const NUMBERS = {
  maxAgeSeconds: whole(1, 3_600, 300),
  futureSeconds: whole(0, 300, 30),
} as const

const MEMORY = { memoryBytes: whole(65_536, 268_435_456, 8_388_608) } as const

const DPOP_ALGORITHMS: readonly SignatureAlgorithm[] = ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256']

export const DPOP_DEFAULTS = {
  dpop: { algorithms: DPOP_ALGORITHMS, ...defaultsOf(NUMBERS), ...defaultsOf(MEMORY) },
} as const

export const dpopMeanings = (): Meanings<Exclude<keyof DpopConfig, 'nonce' | 'replay'>> => ({
  algorithms: { default: DPOP_DEFAULTS.dpop.algorithms, meaning: 'algorithms that proofs may have' },
  maxAgeSeconds: {
    default: DPOP_DEFAULTS.dpop.maxAgeSeconds,
    row: NUMBERS.maxAgeSeconds,
    meaning: 'how old a proof may be; without effect with `nonce`',
  },
  futureSeconds: {
    default: DPOP_DEFAULTS.dpop.futureSeconds,
    row: NUMBERS.futureSeconds,
    meaning: 'how far in the future a proof may have been made',
  },
})

export const dpopNonceMeanings = (): Meanings<keyof DpopNonceConfig> => ({
  key: { absent: 'no nonces', meaning: 'the secret of the nonces, for the Worker: [dpop.md](dpop.md)' },
  previousKey: { absent: 'none', meaning: 'during a rotation: the secret before it' },
})

export const dpopReplayMeanings = (): Meanings<keyof DpopReplayConfig> => ({
  durableObject: {
    absent: 'required by the Worker for `strong`',
    meaning: 'the binding to the Durable Objects of used proofs in the store Worker',
  },
  dynamodb: {
    absent: 'required by the Lambda for `strong`',
    meaning: '`{ table, region }`: the table of used proofs',
  },
  memoryBytes: {
    default: DPOP_DEFAULTS.dpop.memoryBytes,
    row: MEMORY.memoryBytes,
    meaning: 'most memory for used proofs in one instance',
  },
})

function checkAlgorithms(value: unknown, addProblem: AddProblem): ReadonlySet<SignatureAlgorithm> {
  const path = 'dpop.algorithms'
  const given = value === undefined ? DPOP_ALGORITHMS : checkStrings(value, path, addProblem)
  for (const name of given)
    if (!isSignatureAlgorithm(name))
      addProblem(path, `has ${JSON.stringify(name)}; possible: ${list(SIGNATURE_ALGORITHMS)}`)
  return new Set(given.filter(isSignatureAlgorithm))
}

function checkNonce(
  value: unknown,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): DpopNonceConfig | null {
  if (value === undefined) return null
  const path = 'dpop.nonce'
  const { key, previousKey } = objectAt(value, path, addProblem, ['key', 'previousKey'])
  const check = (secret: unknown, name: string) =>
    checkSecret(secret, 'HS256_secret', `${path}.${name}`, environment, addProblem)
  return {
    key: check(key, 'key'),
    ...(previousKey === undefined ? {} : { previousKey: check(previousKey, 'previousKey') }),
  }
}

function checkReplay(
  value: unknown,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): ResolvedDpop['replay'] {
  const path = 'dpop.replay'
  const given = optionalObjectAt(value, path, addProblem, ['durableObject', 'dynamodb', 'memoryBytes'])
  return {
    durableObject: checkBinding(given['durableObject'], `${path}.durableObject`, environment, addProblem),
    dynamodb: checkDynamoDb(given['dynamodb'], `${path}.dynamodb`, addProblem),
    memoryBytes: readerOf(MEMORY, given, path, addProblem)('memoryBytes'),
  }
}

/** `isUsed`: whether an issuer takes tokens that are bound to a DPoP key. `null`: none does. */
export function checkDpop(
  value: unknown,
  isUsed: boolean,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): ResolvedDpop | null {
  if (!isUsed && value !== undefined)
    addProblem('dpop', 'has no effect: no issuer has a senderConstraint that takes bound tokens')
  if (!isUsed) return null
  const given = optionalObjectAt(value, 'dpop', addProblem, [
    'algorithms',
    ...Object.keys(NUMBERS),
    'nonce',
    'replay',
  ])
  const read = readerOf(NUMBERS, given, 'dpop', addProblem)
  return {
    algorithms: checkAlgorithms(given['algorithms'], addProblem),
    maxAgeSeconds: read('maxAgeSeconds'),
    futureSeconds: read('futureSeconds'),
    nonce: checkNonce(given['nonce'], environment, addProblem),
    replay: checkReplay(given['replay'], environment, addProblem),
  }
}
