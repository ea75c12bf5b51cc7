// A provider without a profile here, described in the configuration.

import type { CustomProfile } from '../../../shared/config/config.ts'
import { addSlash, API, type ProviderShape } from './shape.ts'

const CUSTOM: CustomProfile = {
  typ: ['', 'JWT'],
  evidence: [{ claim: 'token_use', value: 'access' }, { claim: 'app' }, { header: 'gen' }],
  scopes: { claim: ['grants', 'orders'], shape: 'list' },
  client: 'app',
  clientCredentials: [{ claim: 'machine', value: 'yes' }],
}

export const custom: ProviderShape = {
  id: 'custom',
  path: '/custom',
  grants: 'read',
  config: {
    profile: CUSTOM,
    audience: API,
    principal: { claim: 'employee' },
  },
  access: {
    header: { gen: '2' },
    claims: {
      aud: API,
      app: 'client-1',
      token_use: 'access',
      employee: 'user-1',
      grants: { orders: ['read'] },
    },
  },
  clientsOwn: { machine: 'yes', employee: undefined },
  idToken: { header: {}, claims: { sub: 's', aud: 'client-1', employee: 'user-1', nonce: 'n' } },
  bareIdToken: 'token_kind_unproven',
  withoutEvidence: {
    'no token_use': { claims: { token_use: undefined } },
    'another token_use': { claims: { token_use: 'web' } },
    'no app': { claims: { app: undefined } },
    'no gen': { header: { gen: undefined } },
  },
  otherTypes: ['at+jwt', null],
  scopes: (...words) => ({ grants: { orders: words } }),
  otherShape: { grants: { orders: 'read' } },
  elsewhere: [
    [{ grants: { invoices: ['read'] } }, 'insufficient_scope'],
    [{ grants: undefined, scope: 'read' }, 'insufficient_scope'],
  ],
  otherAudience: { aud: 'https://other.example' },
  otherAudienceCode: 'audience_mismatch',
  misspelled: [addSlash],
}

/** A provider whose access tokens carry the nonce of the sign-in, and state their kind in a claim. */
export const customNonce: ProviderShape = {
  ...custom,
  id: 'custom-nonce',
  path: '/custom-nonce',
  config: {
    profile: { ...CUSTOM, waived: ['nonce'] },
    audience: API,
    principal: { claim: 'employee' },
  },
  bareIdToken: 'token_kind_unproven',
  mayHaveNonce: true,
}

/** A provider built with .NET: a single role is a string. */
export const customRole: ProviderShape = {
  ...custom,
  id: 'custom-role',
  path: '/custom-role',
  config: {
    profile: { ...CUSTOM, scopes: { claim: 'role', shape: 'list', oneOrList: true } },
    audience: API,
    principal: { claim: 'employee' },
  },
  access: { ...custom.access, claims: { ...custom.access.claims, grants: undefined, role: 'read' } },
  scopes: (...words) => ({ role: words.length === 1 ? words[0] : words }),
  otherShape: { role: 'read write' },
  elsewhere: [[{ role: undefined, scope: 'read' }, 'insufficient_scope']],
}
