// The profiles, by the names that the configuration uses, and the providers that have none because their JWTs are never
// access tokens for an API of the operator.

import { auth0Rfc9068, auth0TokenProfile } from './profiles/auth0.ts'
import { cognito } from './profiles/cognito.ts'
import { keycloak } from './profiles/keycloak.ts'
import { adfs, entraB2c, entraV1, entraV2 } from './profiles/microsoft.ts'
import { okta } from './profiles/okta.ts'
import { openam, pingam, pingfederate, pingone } from './profiles/ping.ts'
import type { Profile } from './profiles/profile.ts'
import { rfc9068 } from './profiles/standard.ts'

export const PROFILES = {
  rfc9068,
  'auth0-token-profile': auth0TokenProfile,
  'auth0-rfc9068': auth0Rfc9068,
  okta,
  'entra-v2': entraV2,
  'entra-v1': entraV1,
  'entra-b2c': entraB2c,
  adfs,
  cognito,
  keycloak,
  pingfederate,
  pingone,
  pingam,
  openam,
} as const satisfies Record<string, Profile>

/**
 * Old names of profiles, and the new ones. An old name works for one more minor version, with a warning, and never
 * comes to mean another profile.
 */
export const RENAMED_PROFILES = {
  auth0: 'auth0-rfc9068',
  'auth0-legacy': 'auth0-token-profile',
} as const satisfies Record<string, keyof typeof PROFILES>

export type ProfileName = keyof typeof PROFILES | keyof typeof RENAMED_PROFILES

export const isProfileName = (name: unknown): name is keyof typeof PROFILES =>
  typeof name === 'string' && Object.hasOwn(PROFILES, name)

export const isRenamedProfile = (name: unknown): name is keyof typeof RENAMED_PROFILES =>
  typeof name === 'string' && Object.hasOwn(RENAMED_PROFILES, name)

/** Providers for which there is no profile, and the reason, which the problem of such a configuration states. */
export const NO_PROFILE: Readonly<Record<string, string>> = {
  google:
    'its access tokens are opaque (use check), and the JWTs it signs are ID tokens, those of service accounts too',
  gitlab:
    'its access tokens are opaque (use check), and the JWTs it signs are ID tokens, those of CI jobs too',
  github: 'its access tokens are opaque (use check)',
  facebook: 'its access tokens are opaque (use check), and the JWTs it signs are ID tokens',
  'okta-org':
    "the tokens of Okta's org authorization server are for Okta's own APIs; use a custom authorization server (https://ORG.okta.com/oauth2/ID) and the profile okta",
}
