// The tokens of each page: access tokens of the provider that its readers have most often, and ID tokens of the same
// login. The shapes are those of the case rows.

import { auth0TokenProfile } from '../cases/providers/auth0.ts'
import { keycloak } from '../cases/providers/keycloak.ts'
import { cognito } from '../cases/providers/okta-cognito.ts'
import { rfc9068 } from '../cases/providers/standard.ts'
import type { ProviderShape } from '../cases/providers/shape.ts'
import type { Members } from '../support/test-issuer.ts'

export interface TokenKit {
  /** The exact `iss`, as on the page. */
  readonly issuer: string
  readonly access: { readonly header: Members; readonly claims: Members }
  readonly idToken: { readonly header: Members; readonly claims: Members }
  /** The scopes that the routes demand. */
  readonly read: string
  readonly write: string
  /** The change that makes a token one for another API. */
  readonly forAnotherApi: Members
  /** `aud` with this API and another one in it. */
  readonly inList: Members
}

const API = 'https://api.example.com'
const SCOPES = { read: 'orders:read', write: 'orders:write' }

/** The kit of a provider whose tokens name the API in `aud`. */
const kitOf = (issuer: string, { access, idToken }: ProviderShape, audience: string): TokenKit => ({
  issuer,
  ...SCOPES,
  access: { header: access.header, claims: { ...access.claims, aud: audience } },
  idToken,
  forAnotherApi: { aud: 'https://another-api.example.com' },
  inList: { aud: [audience, 'https://another-api.example.com'] },
})

export const AUTH0 = kitOf('https://acme.eu.auth0.com/', auth0TokenProfile, API)
export const KEYCLOAK = kitOf('https://login.example.com/realms/acme', keycloak, 'orders')
export const STANDARD = kitOf('https://login.example.com', rfc9068, API)

/** Access tokens of a user pool name their app client in place of an API, and no `aud`. */
export const COGNITO: TokenKit = {
  issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123',
  read: 'orders/read',
  write: 'orders/write',
  access: cognito.access,
  idToken: cognito.idToken,
  forAnotherApi: { client_id: 'client-3' },
  inList: { aud: [API, 'https://another-api.example.com'] },
}
