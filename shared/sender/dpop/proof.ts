// Checks one proof, in the order of its rules: what is cheap first, the signature only for the key that the token is
// bound to. RFC 9449 sections 4.2 and 4.3. Nothing about a proof is kept as valid.

import { failure, isFailure, type Failure } from '../../failures/failure.ts'
import type { ResolvedDpop } from '../../config/config.ts'
import type { KeyType } from '../../keys/key-types/key-type.ts'
import type { Ports } from '../../platform/ports.ts'
import { isSignatureAlgorithm, type SignatureAlgorithm } from '../../token/algorithms.ts'
import { encodeBase64url } from '../../token/base64url.ts'
import { parseToken, type ParsedToken } from '../../token/compact.ts'
import { toSignedBytes } from '../../token/signed-bytes.ts'
import type { ReadHeader } from '../../token/read-header.ts'
import { member } from '../../token/strict-json.ts'
import { canonicalUrl } from './htu.ts'
import { createProofHeaders, type CheckedHeader } from './proof-headers.ts'
import { createProofKeys } from './proof-key.ts'

/** An ES256 proof has about 700 characters, one with an RSA key of 4 096 bits about 2 300. */
const LIMITS = { maxTokenBytes: 4_096, maxJsonDepth: 8 }
const MAX_JTI_CHARS = 256

/** What a proof has to be about. */
export interface ProofSubject {
  /** The access token as it stood in the Authorization field. */
  readonly token: string
  /** `cnf.jkt` of the token. */
  readonly thumbprint: string
  readonly method: string
  /** The URLs under which the client may know the request, in canonical form. */
  readonly urls: readonly (string | null)[]
  /** As in the request. */
  readonly isPathDecoded?: boolean | undefined
  readonly nowSeconds: number
}

/** The members of a good proof that are checked against what was seen before. */
export interface GoodProof {
  readonly jti: string
  /** Seconds since the epoch. */
  readonly iat: number
  readonly nonce: string | undefined
}

const wrong = (problem: string): Failure => failure('dpop_proof_invalid', { problem })

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** A rule that a proof breaks is the `problem` in the log. */
interface ProofRule {
  readonly name: string
  /** Whether a proof keeps the rule. `ath`: computes the hash of the token. */
  readonly isKept: (
    proof: ParsedToken,
    subject: ProofSubject,
    config: ResolvedDpop,
    ath: () => string,
  ) => boolean
}

const textOf = ({ claims }: ParsedToken, name: string): string | null => {
  const value = member(claims, name)
  return typeof value === 'string' ? value : null
}

/** Reads a proof; a proof that is too large is not parsed. */
function parseProof(text: string, read: ReadHeader): ParsedToken | Failure {
  const proof = parseToken(text, LIMITS, null, read)
  if (!isFailure(proof)) return proof
  return wrong(proof.code === 'token_too_large' ? 'too_large' : 'malformed')
}

/** @internal The rules for the header, in order. */
export const PROOF_HEADER_RULES: readonly ProofRule[] = [
  { name: 'typ', isKept: ({ header }) => member(header, 'typ') === 'dpop+jwt' },
  { name: 'crit', isKept: ({ header }) => !Object.hasOwn(header, 'crit') },
  {
    name: 'alg',
    isKept({ header }, _, { algorithms }) {
      const algorithm = member(header, 'alg')
      return isSignatureAlgorithm(algorithm) && algorithms.has(algorithm)
    },
  },
]

/** @internal The rules for the claims of a proof whose signature is good, in order. */
export const PROOF_CLAIM_RULES: readonly ProofRule[] = [
  {
    name: 'jti',
    isKept(proof) {
      const jti = textOf(proof, 'jti')
      return jti !== null && jti !== '' && jti.length <= MAX_JTI_CHARS
    },
  },
  { name: 'htm', isKept: (proof, { method }) => textOf(proof, 'htm') === method },
  {
    name: 'htu',
    isKept(proof, { urls, isPathDecoded }) {
      const url = canonicalUrl(textOf(proof, 'htu') ?? '', isPathDecoded)
      return url !== null && urls.includes(url)
    },
  },
  { name: 'ath', isKept: (proof, _, __, ath) => textOf(proof, 'ath') === ath() },
  {
    name: 'iat',
    isKept({ claims }, { nowSeconds }, { maxAgeSeconds, futureSeconds, nonce }) {
      const iat = member(claims, 'iat')
      if (!isNumber(iat)) return false
      // With a nonce the time of the edge counts, which is in the nonce (RFC 9449 section 4.3 (11)).
      return nonce !== null || (iat >= nowSeconds - maxAgeSeconds && iat <= nowSeconds + futureSeconds)
    },
  },
  {
    name: 'exp',
    isKept({ claims }, { nowSeconds }, { futureSeconds }) {
      const exp = member(claims, 'exp')
      return exp === undefined || (isNumber(exp) && nowSeconds < exp + futureSeconds)
    },
  },
  {
    name: 'nbf',
    isKept({ claims }, { nowSeconds }, { futureSeconds }) {
      const nbf = member(claims, 'nbf')
      return nbf === undefined || (isNumber(nbf) && nbf <= nowSeconds + futureSeconds)
    },
  },
  {
    name: 'nonce',
    isKept: ({ claims }) => ['string', 'undefined'].includes(typeof member(claims, 'nonce')),
  },
]

/** @internal Tests replace one at a time. */
export const PROOF_STEPS = {
  parseProof,
  proofHeaderRules: PROOF_HEADER_RULES,
  isSameThumbprint: (thumbprint: string, bound: string): boolean => thumbprint === bound,
  proofClaimRules: PROOF_CLAIM_RULES,
}

const ENCODER = new TextEncoder()

/** The failure for the first rule that a proof breaks. */
type Refuse = (rules: readonly ProofRule[]) => Failure | null

/** Checks everything about a proof but its nonce and whether it was used before. */
export type CheckProof = (text: string, subject: ProofSubject) => Promise<GoodProof | Failure>

/** @internal */
export function createProofCheck(
  config: ResolvedDpop,
  ports: Pick<Ports, 'crypto' | 'now'>,
  keyTypes: readonly KeyType[],
  steps: typeof PROOF_STEPS = PROOF_STEPS,
): CheckProof {
  const headers = createProofHeaders(ports)
  const { crypto } = ports
  const keys = createProofKeys(config, ports, keyTypes)

  function checkHeader(proof: ParsedToken, refuse: Refuse): CheckedHeader | Failure {
    const refused = refuse(steps.proofHeaderRules)
    if (refused !== null) return refused
    const algorithm = member(proof.header, 'alg') as SignatureAlgorithm
    const key = keys.read(member(proof.header, 'jwk'), algorithm)
    return 'problem' in key
      ? failure('dpop_proof_invalid', { problem: 'jwk', key: key.problem })
      : { algorithm, key }
  }

  async function isSigned(proof: ParsedToken, { key, algorithm }: CheckedHeader): Promise<boolean> {
    try {
      const imported = await key.load()
      const { signature, signingInput } = toSignedBytes(proof)
      return await crypto.verify(algorithm, imported, signature, signingInput)
    } catch {
      return false
    }
  }

  return async (text, subject) => {
    const proof = steps.parseProof(text, headers.read)
    if (isFailure(proof)) return proof
    const ath = () => encodeBase64url(crypto.sha256!(ENCODER.encode(subject.token)))
    const refuse: Refuse = (rules) => {
      const broken = rules.find(({ isKept }) => !isKept(proof, subject, config, ath))
      return broken === undefined ? null : wrong(broken.name)
    }
    const known = headers.find(proof.header)
    const header = known ?? checkHeader(proof, refuse)
    if (isFailure(header)) return header
    if (!steps.isSameThumbprint(header.key.thumbprint, subject.thumbprint))
      return failure('dpop_key_mismatch')
    if (!(await isSigned(proof, header))) return wrong('signature')
    if (known === undefined) headers.keep(text, proof.header, header)
    const claims = refuse(steps.proofClaimRules)
    if (claims !== null) return claims
    const { claims: members } = proof
    return {
      jti: members['jti'] as string,
      iat: members['iat'] as number,
      nonce: member(members, 'nonce') as string | undefined,
    }
  }
}
