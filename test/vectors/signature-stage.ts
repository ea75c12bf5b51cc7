// The part of the pipeline that third-party signature vectors can test: canonical form, header rules, the key set, the
// selection of the key, the signature. Their payloads are not claims sets (some are empty), so `{}` is parsed in place
// of the payload, and the signature is verified over the signed input. Runs in Node and in workerd alike.

import { KEY_TYPES } from '../../shared/keys/key-types/all.ts'
import { DEFAULTS } from '../../shared/index.ts'
import type { Cryptography } from '../../shared/platform/ports.ts'
import { isFailure } from '../../shared/failures/failure.ts'
import { readKeySet } from '../../shared/keys/key-set.ts'
import { selectKey } from '../../shared/keys/select-key.ts'
import { firstRefusal } from '../../shared/failures/rule.ts'
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../../shared/token/algorithms.ts'
import { parseToken, TEXT_RULES } from '../../shared/token/compact.ts'
import { HEADER_RULES } from '../../shared/token/header.ts'
import { verifySignature } from '../../shared/token/signature.ts'
import { member } from '../../shared/token/strict-json.ts'
import { webCrypto } from '../../shared/platform/web-crypto.ts'

const EVERY_ALGORITHM = new Set<SignatureAlgorithm>(SIGNATURE_ALGORITHMS)
const EMPTY_CLAIMS = 'e30'

export interface StageRequest {
  readonly jws: string
  /** Entries of a JWK Set, as published. */
  readonly keys: readonly unknown[]
  /** How far to go: until a key is chosen, or until the signature is verified. */
  readonly until: 'key' | 'signature'
}

export interface StageVerdict {
  readonly accepted: boolean
  readonly code: string
}

const refused = (code: string): StageVerdict => ({ accepted: false, code })

/** Fills in an empty payload: only a rule about claims sets forbids that. */
const withPayload = (jws: string): string => jws.replace(/^([^.]*)\.\.([^.]*)$/, `$1.${EMPTY_CLAIMS}.$2`)

/** `crypto`: replaces WebCrypto. */
export async function runStage(
  { jws, keys, until }: StageRequest,
  crypto: Cryptography = webCrypto,
): Promise<StageVerdict> {
  const form = firstRefusal(TEXT_RULES, withPayload(jws), withPayload(jws).split('.'), DEFAULTS.limits)
  if (form !== null) return refused(form.code)
  const [header, payload, signature] = jws.split('.')
  const parsed = parseToken([header, EMPTY_CLAIMS, signature].join('.'), DEFAULTS.limits)
  if (isFailure(parsed)) return refused(parsed.code)
  const rule = firstRefusal(HEADER_RULES, parsed.header)
  if (rule !== null) return refused(rule.code)
  const algorithm = member(parsed.header, 'alg') as SignatureAlgorithm
  const kid = (member(parsed.header, 'kid') as string | undefined) ?? null
  const choice = selectKey(
    await readKeySet(keys, { allowed: EVERY_ALGORITHM, keyTypes: KEY_TYPES, crypto }),
    { kid, algorithm, owner: null },
  )
  if (!('keys' in choice)) return refused('none' in choice ? choice.none : choice.unusable)
  if (until === 'key') return { accepted: true, code: 'key_chosen' }
  const token = { ...parsed, signingInput: `${header}.${payload}` }
  for (const key of choice.keys) {
    if (await verifySignature(token, algorithm, key, crypto))
      return { accepted: true, code: 'signature_valid' }
  }
  return refused('signature_invalid')
}
