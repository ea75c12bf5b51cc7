// Every check by name, those of the parts included, and the parts that are made of them. A test removes one and shows
// which case then gets the wrong decision.

import { createLoadedKey } from './audit/fingerprint-key.ts'
import { CORE_STEPS } from './core-steps.ts'
import { createIntrospectionPart, INTROSPECTION_PART_STEPS } from './introspection/introspection-part.ts'
import { createUserinfoLookup, type CreateTokenLookup } from './introspection/lazy-lookups.ts'
import { createKeyStore, type CreateKeyStore } from './keys/key-store.ts'
import { KEY_TYPES } from './keys/key-types/all.ts'
import { SHARED_KEYS } from './keys/shared-key-cache.ts'
import { createSharedSecret } from './keys/shared-secret.ts'
import { createStoredKeys } from './keys/stored-keys.ts'
import { backchannelLogout } from './parts/backchannel-logout.ts'
import { check } from './parts/check.ts'
import { introspection } from './parts/introspection.ts'
import { checkFacebook } from './parts/check-facebook.ts'
import { checkGithub } from './parts/check-github.ts'
import { checkGitlab } from './parts/check-gitlab.ts'
import { checkGoogle } from './parts/check-google.ts'
import { dpopReplays } from './parts/dpop-replays.ts'
import { examine } from './parts/examine.ts'
import { combineParts, type Parts } from './parts/parts.ts'
import { privateKeyJwt } from './parts/private-key-jwt.ts'
import { signedResponses } from './parts/signed-responses.ts'
import { CONDITION_RULES } from './policy/conditions.ts'
import { RESOURCE_RULES } from './policy/resource-rule.ts'
import {
  createRevocationCheck,
  REVOCATION_STEPS,
  type CreateRevocationReader,
} from './revocation/revocation-part.ts'
import { createLookupReader } from './revocation/lookup-reader.ts'
import { createSnapshotReader } from './revocation/snapshot-reader.ts'
import { createRequestCheck } from './request/read-request.ts'
import { BOUND_STEPS, createBound } from './sender/bound.ts'
import { createDpop, DPOP_STEPS } from './sender/dpop/dpop.ts'
import { createStatelessNonces, NONCE_STEPS } from './sender/dpop/stateless-nonces.ts'
import { createHeaderCertificate } from './sender/mtls/header-certificate.ts'
import { createMtls, MTLS_STEPS } from './sender/mtls/mtls.ts'
import { findResource } from './routes/resource-path.ts'

/** The store of an issuer with public keys, from any source. */
const createStore: CreateKeyStore = (issuer, ports) =>
  (issuer.keys.source.jwksSecret === undefined ? createKeyStore : createStoredKeys)(issuer, ports)

/** The lookup of an issuer, by the method that it is configured with. */
const createTokenLookup: CreateTokenLookup = (issuer, ...about) =>
  ({ ...introspection.tokenLookups, ...check.tokenLookups })[issuer.opaque.reader.kind](issuer, ...about)

/** @internal The package's declarations have neither this nor a function that takes it. */
export const STEPS = {
  ...CORE_STEPS,
  createKeyStore: createStore,
  createSharedSecret,
  ...INTROSPECTION_PART_STEPS,
  createTokenLookup,
  createUserinfoLookup,
  findResource,
  resourceRules: RESOURCE_RULES,
  conditionRules: CONDITION_RULES,
  ...REVOCATION_STEPS,
  ...BOUND_STEPS,
  ...DPOP_STEPS,
  ...MTLS_STEPS,
  createHeaderCertificate,
  ...NONCE_STEPS,
}

/** The reader that fits the store. */
const createReader: CreateRevocationReader = (config, ports) =>
  (ports.revocations!.changesSince === undefined ? createLookupReader : createSnapshotReader)(config, ports)

/** @internal */
export type Steps = typeof STEPS

const EXTRAS = [checkFacebook, checkGithub, checkGitlab, checkGoogle, privateKeyJwt, signedResponses]

/** @internal Every part, made of these steps. */
export const partsOf = (steps: Steps): Parts => ({
  keyTypes: KEY_TYPES,
  publishedKeys: steps.createKeyStore,
  sharedKeys: SHARED_KEYS,
  storedKeys: steps.createKeyStore,
  sharedSecret: steps.createSharedSecret,
  lookups: (...about) => createIntrospectionPart(...about, steps),
  tokenLookups: { introspection: steps.createTokenLookup, check: steps.createTokenLookup },
  userinfoLookup: steps.createUserinfoLookup,
  lookupExtras: combineParts(...EXTRAS).lookupExtras!,
  resources: { find: steps.findResource, rules: steps.resourceRules },
  conditions: steps.conditionRules,
  revocation: (config, ports) => createRevocationCheck(config, ports, createReader, steps),
  senderConstraint: (config, ports, parts) =>
    config.dpop || config.mtls ? createBound(config, ports, parts, steps) : steps.senderConstraint,
  dpop: (config, ports, parts) => createDpop(config, ports, parts, steps),
  mtls: (config, ports, parts) => createMtls(config, ports, parts, steps),
  mtlsHeader: steps.createHeaderCertificate,
  dpopNonces: (config, ports) => createStatelessNonces(config, ports, steps),
  ...dpopReplays,
  fingerprintKey: createLoadedKey,
  ...backchannelLogout,
  ...examine,
  checkRequest: createRequestCheck,
})
