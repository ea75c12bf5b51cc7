// Everything that the core needs from its platform: network, clock, secrets, cryptography, log. Edges supply it; tests
// supply their own. The core uses no ambient clock, network or console: an architecture test holds it to that.

import type { JWK } from 'jose'
import type { FailureCode, FailureDetail, Blame } from '../failures/failure.ts'
import type { RevocationStore } from '../revocation/store.ts'
import type { ReplayStore } from '../sender/dpop/replay-store.ts'
import type { SecretRef } from '../secrets/secret-ref.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'

/** Everything that an authorizer needs from its platform. */
export interface Ports {
  /**
   * The standard `fetch`, or a function that returns as much of a response as `HttpAnswer` has. Called for key sets,
   * issuer metadata and lookups of a token (introspection, userinfo, check), with `redirect: 'manual'` and a signal.
   */
  readonly fetch: (url: string, init: RequestInit) => Promise<HttpAnswer>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Shares key sets between instances. Without it, every new instance fetches its own. */
  readonly keyCache?: KeyCache
  /**
   * The string that a reference points at; `undefined` where it does not exist. May throw: the exception is dropped,
   * and the secret counts as unavailable. Needed only where the configuration points at secrets.
   */
  readonly secrets?: (ref: SecretRef) => Promise<string | undefined>
  /** The store of revocations. Needed only where the configuration has `revocation`. */
  readonly revocations?: RevocationStore
  /** The store of used DPoP proofs. Needed only where a route has `replay: 'strong'`. */
  readonly replays?: ReplayStore
  /** Public keys, signatures and keyed hashes. */
  readonly crypto: Cryptography
  /**
   * Whether the platform stops work that is still running once a request is answered, as AWS Lambda does. Default: the
   * work goes on, by `waitUntil` or by itself.
   */
  readonly isFrozenAfterAnswer?: boolean
  /** Receives every event: one per decision, key refresh, loaded secret and so on. An exception from it is ignored. */
  readonly report: (event: ReportEvent) => void
}

/** Ports as `createAuthorizer` takes them: without `crypto` it uses `webCrypto`. */
export type GivenPorts = Omit<Ports, 'crypto'> & Partial<Pick<Ports, 'crypto'>>

/**
 * A public key that a `Cryptography` has imported for one algorithm (a `CryptoKey`, say). Only the `Cryptography` that
 * imported it can use it.
 */
export interface VerificationKey {
  readonly type: string
}

/**
 * The cryptography of the core. A platform with something quicker than WebCrypto supplies its own, which must accept
 * exactly what `webCrypto` accepts. It does not decide whether a key may be used: the core has checked that before.
 */
export interface Cryptography {
  /** `jwk` has only `kty` and the members of a public key (RFC 7518 section 6). Throws where they are no key. */
  importKey(jwk: JWK, algorithm: SignatureAlgorithm): VerificationKey | Promise<VerificationKey>
  /**
   * The same for a key in DER: a `SubjectPublicKeyInfo` (RFC 5280 section 4.1) that a build has checked. The key of
   * RSASSA-PSS has the identifier `rsaEncryption`. Without this member `importKey` gets the key.
   */
  importSpki?(
    der: Uint8Array<ArrayBuffer>,
    algorithm: SignatureAlgorithm,
  ): VerificationKey | Promise<VerificationKey>
  /**
   * Whether a signature is valid under a key that was imported here for the algorithm. The bytes are valid during the
   * call alone: an implementation copies what it needs later. An exception counts as `false`.
   */
  verify(
    algorithm: SignatureAlgorithm,
    key: VerificationKey,
    signature: Uint8Array<ArrayBuffer>,
    signingInput: Uint8Array<ArrayBuffer>,
  ): boolean | Promise<boolean>
  /** HMAC-SHA-256 (RFC 2104) with one key, synchronously. */
  hmacSha256(key: Uint8Array): (message: Uint8Array) => Uint8Array
  /** SHA-256 (FIPS 180-4), synchronously. Needed only where an issuer has `senderConstraint`. */
  sha256?(message: Uint8Array): Uint8Array
}

/** A key set as it was published, and when it was fetched, in milliseconds since the epoch. */
export interface CachedKeys {
  readonly keys: readonly unknown[]
  readonly fetchedAt: number
}

/**
 * A cache of key sets that several instances share. It may lose key sets, be slow or fail. Only those who may change
 * the configuration may write to it.
 */
export interface KeyCache {
  read(name: string): Promise<CachedKeys | null>
  write(name: string, cached: CachedKeys): Promise<void>
}

/** The part of a `Response` that the core reads. As in a `Response`, a body in gzip or br is decoded. */
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
  /** The core alone passes `joining`: the request begins to wait for a fetch that another request started. */
  (work: Promise<unknown>, joining?: 'joining'): void
}

/** An event for the operator's log; `event` tells the kinds apart. No event holds a token or the value of a secret. */
export type ReportEvent =
  | DecisionReport
  | KeysReport
  | SecretReport
  | OriginReport
  | PreflightReport
  | RevocationReport
  | ReplayReport
  | ConfigReport

/** The members of every event that an edge reports. */
interface Stamped {
  /** The hash of the plan: twelve characters that tell which configuration was in force. */
  readonly plan?: string
  /** The version of Lanekeeper. */
  readonly version?: string
}

/**
 * One decision: what was decided, why, and for which rule, issuer and client. Its members are the fields of the log
 * line. It never has the requested path, the query or a claim value other than the client.
 */
export interface DecisionReport extends Stamped {
  readonly event: 'decision'
  /** `would_deny`: refused, but the route or everything is report-only. */
  readonly outcome: 'allow' | 'deny' | 'would_deny'
  /** Why it was refused; else `access_token`, or `public` without a grant. */
  readonly code: FailureCode | 'public' | 'access_token'
  /** Who has to act on a refusal. */
  readonly blame?: Blame
  /** Names and numbers that explain a refusal. */
  readonly detail?: FailureDetail
  /** The method of the request, where it is a standard one (RFC 9110 section 9, RFC 5789). */
  readonly method?: string
  /** The platform's identifier of the request. */
  readonly requestId?: string
  /** `METHOD /path/template` of the rule that covers the request; never the requested path. */
  readonly route?: string
  /** Name, in the configuration, of the issuer that the token was read for. */
  readonly issuer?: string
  /** The token's client, where its signature has been verified or its issuer has vouched for it. */
  readonly client?: string
  /** A keyed hash of the token. Computed when it is first read. */
  readonly token?: string
  /** The signature was verified for an earlier request, with a key that is still valid. All other checks ran again. */
  readonly remembered?: true
  /** Fetches that the decision started (keys, lookups of the token, secrets); 0: it needed none. */
  readonly fetches?: number
  /** Milliseconds that the decision took. Workers stop the clock between one network access and the next. */
  readonly ms?: number
}

/** The key set of an issuer was fetched, could not be fetched, or was loaded from the shared cache. */
export interface KeysReport extends Stamped {
  readonly event: 'keys'
  /** `adopted`: loaded from the shared cache; its age counts from when another instance fetched it. */
  readonly outcome: 'refreshed' | 'failed' | 'adopted'
  /** Name of the issuer in the configuration. */
  readonly issuer: string
  /** Why it failed, or `ok`. */
  readonly code: string
  /** Number of usable keys now held. */
  readonly keys: number
  /** Why entries of the key set were ignored, one word each. */
  readonly refused: readonly string[]
  /** Of a fetch that failed: the host of the last request. */
  readonly host?: string
  /** URL of that request without its query; absent where the URL was in metadata and not in the configuration. */
  readonly url?: string
  /** Of a fetch that failed: the HTTP status, if a response came. */
  readonly status?: number
}

/** A secret was loaded, or could not be loaded. No event holds its value. */
export interface SecretReport extends Stamped {
  readonly event: 'secret'
  readonly outcome: 'loaded' | 'failed'
  /** Its path in the configuration. */
  readonly secret: string
  /** Why it failed, or `ok`. */
  readonly code: string
}

/**
 * A request was allowed and could not be sent on. Reported by Fetch edges. `origin_unreachable`: the exchange with the
 * origin broke off (502); a client that breaks off its own body looks the same, because workerd does not tell them
 * apart. `assertion_unavailable`: the key is missing (503). `internal_error`: an exception in Lanekeeper (503), which
 * says nothing about the origin; `detail.error` is its name.
 */
export interface OriginReport extends Stamped {
  readonly event: 'origin'
  readonly outcome: 'failed'
  readonly code: 'origin_unreachable' | 'assertion_unavailable' | 'internal_error'
  readonly detail?: FailureDetail
}

/** A CORS preflight for a rule was answered, or passed to the origin. Reported by Fetch edges; it needs no token. */
export interface PreflightReport extends Stamped {
  readonly event: 'preflight'
  readonly outcome: 'answered' | 'passed'
  readonly code: 'preflight'
  /** `METHOD /path/template` of the rule. */
  readonly route: string
}

/**
 * What became of news about revocations. `loaded`: the store was read, first or again after a failure. `failed`: it
 * could not be read. `full`: there is no room for an entry or for all entries. `received` and `refused`: a message of
 * an issuer.
 */
export interface RevocationReport extends Stamped {
  readonly event: 'revocation'
  readonly outcome: 'loaded' | 'failed' | 'full' | 'received' | 'refused'
  /** Why, or `ok`. */
  readonly code: string
  /** Name of the issuer in the configuration. */
  readonly issuer?: string
  /** Number of entries that this instance has. */
  readonly entries?: number
  /** For how many seconds the store has been out of reach. */
  readonly seconds?: number
}

/**
 * What became of the memory of used DPoP proofs. `full`: proofs that have not expired were dropped, so that this
 * instance no longer recognises a second use of them. `failed`: the store of a route with `replay: 'strong'` did not
 * answer.
 */
export interface ReplayReport extends Stamped {
  readonly event: 'replay'
  readonly outcome: 'full' | 'failed'
  /** `replay_memory_full`, or why the store failed. */
  readonly code: string
  /** Number of proofs that were dropped. */
  readonly dropped?: number
}

/** A setting that works and should be changed. Reported once by every new instance. */
export interface ConfigReport extends Stamped {
  readonly event: 'config'
  readonly outcome: 'accepted'
  readonly code: 'warning'
  /** Its path in the configuration. */
  readonly setting: string
  readonly message: string
}
