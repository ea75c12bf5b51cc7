// Every profile has its rows: each kind of token that must be refused is a row that runs through every edge. A new
// profile without one of these rows is named here.

import { describe, expect, test } from 'vitest'
import type { FailureCode } from '../../../shared/index.ts'
import { KIND_ROWS } from '../../../shared/token/kind.ts'
import { NO_PROFILE, PROFILES } from '../../../shared/token/profiles.ts'
import { claim, hasEvidence, type Evidence, type Profile } from '../../../shared/token/profiles/profile.ts'
import { KIND_CASES } from '../../cases/kind.ts'
import { PROFILE_ROWS } from '../../cases/providers/rows.ts'
import type { ProviderShape } from '../../cases/providers/shape.ts'
import { PROVIDER_SHAPES } from '../../cases/providers/shapes.ts'
import type { CaseRow } from '../../cases/row.ts'
import type { Members } from '../../support/test-issuer.ts'

/** What follows the name of the issuer in the id of a row, and the codes of its refusal. */
const REQUIRED: Readonly<Record<string, { readonly id: RegExp; readonly codes: readonly FailureCode[] }>> = {
  'wrong audience': { id: /^another audience$/, codes: ['audience_mismatch', 'client_mismatch'] },
  'wrong issuer spelling': { id: /^iss misspelled \(\d\)$/, codes: ['issuer_unknown'] },
  'missing mark': { id: /^no \S+$/, codes: ['token_kind_unproven'] },
  'another typ': { id: /^typ /, codes: ['token_kind_unproven'] },
  expired: { id: /^expired$/, codes: ['token_expired'] },
  'scope in the wrong claim': {
    id: /^scope in another claim \(\d\)$/,
    codes: ['insufficient_scope', 'token_kind_unproven'],
  },
  'scope in the wrong shape': { id: /^scope in another shape$/, codes: ['claim_malformed'] },
  'scope that begins with the one demanded': { id: /^scope reader$/, codes: ['insufficient_scope'] },
  'scope that ends with the one demanded': { id: /^scope unread$/, codes: ['insufficient_scope'] },
  'scope that is a part of the one demanded': { id: /^scope rea$/, codes: ['insufficient_scope'] },
  'ID token as issued': { id: /^ID token as issued$/, codes: ['id_token'] },
  'ID token, typ and aud made equal': {
    id: /^ID token, typ and aud of an access token$/,
    codes: ['id_token'],
  },
  'ID token, typ and aud made equal, stripped': {
    id: /^ID token, typ and aud of an access token, without nonce and hashes$/,
    codes: ['id_token', 'token_kind_unproven'],
  },
  'ID token, typ and aud made equal, with a nonce alone': {
    id: /^ID token, typ and aud of an access token, nonce and no hashes$/,
    codes: ['id_token'],
  },
  'key of another issuer': { id: /^key of another provider$/, codes: ['signature_invalid'] },
}

const nameOf = ({ config }: ProviderShape): unknown => (config as { readonly profile: unknown }).profile
const rowsOf = ({ id }: ProviderShape): [name: string, row: CaseRow][] =>
  PROFILE_ROWS.filter((row) => row.id.startsWith(`provider/${id} `)).map((row) => [
    row.id.slice(`provider/${id} `.length),
    row,
  ])

const isRefused = ({ expect: expected }: CaseRow, codes: readonly FailureCode[]): boolean =>
  !expected.allow && codes.includes(expected.code)

test.each(Object.keys(PROFILES))('%s has tokens to make rows from', (name) => {
  expect(PROVIDER_SHAPES.filter((shape) => nameOf(shape) === name)).not.toEqual([])
})

test('and so has a described one', () => {
  expect(PROVIDER_SHAPES.filter((shape) => typeof nameOf(shape) === 'object')).not.toEqual([])
})

describe.each(PROVIDER_SHAPES.map((shape) => [shape.id, shape] as const))('%s', (_, shape) => {
  const rows = rowsOf(shape)

  test('has its access token allowed', () => {
    expect(rows.filter(([id, row]) => id === 'access token' && row.expect.allow)).toHaveLength(1)
    expect(rows.filter(([id, row]) => id === 'access token as issued' && row.expect.allow)).toHaveLength(1)
  })

  test.each(Object.entries(REQUIRED))('has rows: %s', (_, { id, codes }) => {
    const found = rows.filter(([name]) => id.test(name))
    expect(found.length).toBeGreaterThan(0)
    expect(found.filter(([, row]) => !isRefused(row, codes)).map(([name]) => name)).toEqual([])
  })

  test('has them on every edge', () => {
    expect(rows.filter(([, row]) => row.notOn !== undefined).map(([name]) => name)).toEqual([])
  })
})

const OF_PROFILES = PROVIDER_SHAPES.filter((shape) => typeof nameOf(shape) === 'string').map(
  (shape) => [shape.id, shape, PROFILES[nameOf(shape) as keyof typeof PROFILES] as Profile] as const,
)

describe.each(OF_PROFILES)('%s', (_, shape, profile) => {
  const config = shape.config as { readonly scopes?: { readonly claim: string } }
  const groups: readonly (readonly Evidence[])[] = [
    ...profile.evidence,
    ...(profile.scopes.standard === null ? [[claim(config.scopes!.claim)]] : []),
  ]
  const missing = (header: Members, claims: Members) =>
    groups.filter((group) => !group.some((evidence) => hasEvidence(evidence, header, claims)))
  const defined = (members: Members): Members =>
    Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

  test('has a row for each piece of evidence, where that one alone is missing', () => {
    const { header, claims } = shape.access
    expect(missing(header, claims)).toEqual([])
    const alone = Object.entries(shape.withoutEvidence).flatMap(([name, change]) => {
      const lost = missing(defined({ ...header, ...change.header }), defined({ ...claims, ...change.claims }))
      const row = rowsOf(shape).find(([id]) => id === name)?.[1]
      return lost.length === 1 && row !== undefined && isRefused(row, ['token_kind_unproven']) ? lost : []
    })
    expect(groups.filter((group) => !alone.includes(group))).toEqual([])
  })
})

describe.each(OF_PROFILES.filter(([, , { tenant }]) => tenant !== undefined))('%s', (_, shape) => {
  test('has rows on its tenant', () => {
    const refusedAs = (id: RegExp, code: FailureCode) =>
      rowsOf(shape).filter(([name, row]) => id.test(name) && isRefused(row, [code]))
    expect(refusedAs(/^tenant of another iss$/, 'tenant_mismatch')).toHaveLength(1)
    const issuer = `https://as.example${shape.path}`
    const ofAnother = (spelling: string) => spelling.length === issuer.length && spelling !== issuer
    expect(shape.misspelled.map((misspell) => misspell(issuer)).filter(ofAnother)).not.toEqual([])
  })
})

describe('every kind other than access tokens', () => {
  const kinds = [...new Set(KIND_ROWS.map(({ kind }) => kind))]

  test('is known', () => {
    expect(kinds.toSorted()).toEqual([
      'action_token',
      'client_assertion',
      'dpop_proof',
      'id_token',
      'introspection_response',
      'logout_token',
      'refresh_token',
      'registration_token',
      'security_event_token',
      'verifiable_presentation',
    ])
  })

  test.each(kinds)('%s has rows, on every edge', (kind) => {
    const rows = KIND_CASES.filter((row) => isRefused(row, [kind]))
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.filter((row) => row.notOn !== undefined)).toEqual([])
  })

  test.each(['DPoP proof as a client', 'client assertion as a client', 'presentation as a holder'])(
    '%s signs it: the answer names no kind',
    (id) => {
      const row = KIND_CASES.find((row) => row.id.startsWith(`kind/${id}`))!
      expect(isRefused(row, ['issuer_unknown', 'header_member_refused'])).toBe(true)
    },
  )
})

test('providers without a profile say why', () => {
  expect(Object.keys(NO_PROFILE)).toEqual(expect.arrayContaining(['google', 'gitlab', 'github', 'facebook']))
})
