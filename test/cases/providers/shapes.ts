// One shape per provider. If a profile has evidence that decides alone, the ID token of the shape has it.

import { auth0Rfc9068, auth0TokenProfile } from './auth0.ts'
import { custom, customNonce, customRole } from './custom.ts'
import { keycloak, keycloakEmail, keycloakRoles } from './keycloak.ts'
import { adfs, adfsRoles, entraB2c, entraV1, entraV2 } from './microsoft.ts'
import { cognito, cognitoResource, okta } from './okta-cognito.ts'
import { forgerock, openam, pingam, pingfederate, pingone } from './ping.ts'
import type { ProviderShape } from './shape.ts'
import { rfc9068, spring } from './standard.ts'

export const PROVIDER_SHAPES: readonly ProviderShape[] = [
  rfc9068,
  spring,
  auth0TokenProfile,
  auth0Rfc9068,
  okta,
  entraV2,
  entraV1,
  entraB2c,
  adfs,
  adfsRoles,
  cognito,
  cognitoResource,
  keycloak,
  keycloakEmail,
  keycloakRoles,
  pingfederate,
  pingone,
  pingam,
  openam,
  forgerock,
  custom,
  customNonce,
  customRole,
]
