// Everything the core may ask of the world. The adapters supply it; tests supply their own.
// The core has no ambient clock, network or console: an architecture test holds it to that.

import type { JWK } from 'jose'
import type { FailureCode, FailureDetail, Blame } from '../failures/failure.ts'
import type { SecretRef } from '../secrets/secret-ref.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'

export interface Ports {
  /** Standard fetch, or what does as much of it. Called for key sets, issuer metadata and questions about a token, with `redirect: 'manual'` and a signal. */
  readonly fetch: (url: string, init: RequestInit) => Promise<HttpAnswer>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Where instances leave each other what they fetched. Without it, every new instance asks for itself. */
  readonly keyCache?: KeyCache
  /**
   * The text a reference points at, `undefined` where there is none. May throw: only that it did is noticed.
   * Needed only where the configuration points at secrets.
   */
  readonly secrets?: (ref: SecretRef) => Promise<string | undefined>
  /** Public keys, signatures and keyed hashes. */
  readonly crypto: Cryptography
  /** Receives one event per decision, per key refresh and per loaded secret. What it throws is ignored. */
  readonly report: (event: ReportEvent) => void
}

/** Ports as they are given to `createAuthorizer`, which takes WebCrypto where nothing else is said. */
export type GivenPorts = Omit<Ports, 'crypto'> & Partial<Pick<Ports, 'crypto'>>

/** A public key, imported for one algorithm. What it is made of is its `Cryptography`'s own. */
export interface VerificationKey {
  readonly type: string
}

/**
 * What the core asks of cryptography. For platforms that have something quicker than WebCrypto, which must accept exactly
 * what `webCrypto` accepts. shared/keys/key-problems.ts decides before that whether a key may be used at all.
 */
export interface Cryptography {
  /** Of the JWK, nothing but `kty` and the members of a public key (RFC 7518 section 6). Throws for what is no key. */
  importKey(jwk: JWK, algorithm: SignatureAlgorithm): VerificationKey | Promise<VerificationKey>
  /**
   * Whether a signature is by a key that was imported here for the algorithm. The bytes are there for the call alone:
   * what is needed later has to be copied. What it throws counts as `false`.
   */
  verify(
    algorithm: SignatureAlgorithm,
    key: VerificationKey,
    signature: Uint8Array<ArrayBuffer>,
    signingInput: Uint8Array<ArrayBuffer>,
  ): boolean | Promise<boolean>
  /** HMAC-SHA-256 (RFC 2104) with one key, at once. */
  hmacSha256(key: Uint8Array): (message: Uint8Array) => Uint8Array
}

/** A key set as it was published, and when it was fetched, in milliseconds since the epoch. */
export interface CachedKeys {
  readonly keys: readonly unknown[]
  readonly fetchedAt: number
}

/** A shared place for key sets. It may lose them, be slow or fail; what it holds must be as safe as the configuration. */
export interface KeyCache {
  read(name: string): Promise<CachedKeys | null>
  write(name: string, cached: CachedKeys): Promise<void>
}

/** As much of a `Response` as the core reads. As of a `Response`, the body is decoded where its encoding is gzip or br. */
export interface HttpAnswer {
  readonly status: number
  readonly type?: string
  readonly headers: { get(name: string): string | null }
  readonly body: {
    getReader(): {
      read(): Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined }>
      cancel(): Promise<void>
    }
    cancel(): Promise<void>
  } | null
}

/** Keeps work alive after the response, where a platform would otherwise cancel it (`ctx.waitUntil`). */
export interface WaitUntil {
  /** `joining` is the core's own: the request begins to wait for what another one has asked. */
  (work: Promise<unknown>, joining?: 'joining'): void
}

export type ReportEvent =
  | DecisionReport
  | KeysReport
  | SecretReport
  | OriginReport
  | PreflightReport
  | ConfigReport

export interface DecisionReport {
  readonly event: 'decision'
  /** `would_deny`: refused, but the route or everything is report-only. */
  readonly outcome: 'allow' | 'deny' | 'would_deny'
  readonly code: FailureCode | 'public' | 'access_token'
  readonly blame?: Blame
  readonly detail?: FailureDetail
  /** Of the request, where it is one that HTTP registers. */
  readonly method?: string
  readonly requestId?: string
  /** `METHOD /path/template` of the rule that applied; never the path that was requested. */
  readonly route?: string
  /** Name, in the configuration, of the issuer whose keys were asked. */
  readonly issuer?: string
  /** The token's client, where its signature has been verified or its issuer has vouched for it. */
  readonly client?: string
  /** A keyed hash of the token. Worked out when it is first read. */
  readonly token?: string
  /** The signature was verified for an earlier request, by a key that is still good. Everything else was asked anew. */
  readonly remembered?: true
  /** How many things had to be asked for (keys, facts about the token, secrets); 0: everything was at hand. */
  readonly fetches?: number
  /** How long the decision took. Workers stop the clock between one network access and the next. */
  readonly ms?: number
}

export interface KeysReport {
  readonly event: 'keys'
  /** `adopted`: taken over from another instance, as old as it was there. */
  readonly outcome: 'refreshed' | 'failed' | 'adopted'
  readonly issuer: string
  /** Why it failed, or `ok`. */
  readonly code: string
  /** Number of usable keys now held. */
  readonly keys: number
  /** Why entries of the set were left out, one word each. */
  readonly refused: readonly string[]
  /** Of a fetch that failed: the host that was asked last. */
  readonly host?: string
  /** The same with scheme and path, without a query, where it follows from the configuration and not from metadata. */
  readonly url?: string
  /** HTTP status of its answer, if one came. */
  readonly status?: number
}

/** A secret was loaded, or could not be. Its value is in no event. */
export interface SecretReport {
  readonly event: 'secret'
  readonly outcome: 'loaded' | 'failed'
  /** Its path in the configuration. */
  readonly secret: string
  /** Why it failed, or `ok`. */
  readonly code: string
}

/**
 * A request was allowed and could not be sent on. Reported by the Worker. `origin_unreachable`: the exchange with the origin
 * broke off (502); a client that breaks off its own body looks the same, because workerd does not tell them apart.
 * `assertion_unavailable`: the key is missing (503). `internal_error`: an exception of our own (503), which says nothing
 * about the origin; `detail.error` is its name.
 */
export interface OriginReport {
  readonly event: 'origin'
  readonly outcome: 'failed'
  readonly code: 'origin_unreachable' | 'assertion_unavailable' | 'internal_error'
  readonly detail?: FailureDetail
}

/** A browser asked what a script may send. Reported by the Worker; no token is asked for. */
export interface PreflightReport {
  readonly event: 'preflight'
  readonly outcome: 'answered' | 'passed'
  readonly code: 'preflight'
  readonly route: string
}

/** Something in the configuration that is used and should be changed. Reported once, by every new instance. */
export interface ConfigReport {
  readonly event: 'config'
  readonly outcome: 'accepted'
  readonly code: 'warning'
  /** Its path in the configuration. */
  readonly setting: string
  readonly message: string
}
