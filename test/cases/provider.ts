// Providers with a token check of their own: GitHub, Google, Facebook, GitLab. The server is a stand-in that answers as
// their documentation says; the tests contact no provider.

import type { FailureCode } from '../../shared/index.ts'
import { APP, type IssuerAnswer } from '../support/opaque-issuer.ts'
import type { Members } from '../support/test-issuer.ts'
import { allow, deny, refused, withToken, type CaseRow, type Expectation } from './row.ts'
import { changeAt, now, type Change } from './time.ts'

const unavailable = (code: FailureCode) => deny(code, 503, 500)
const LACKING = deny('insufficient_scope', 403, 403)

const identity = (issuer: string, subject: string, scope = 'read') =>
  allow({ subject, principal: 'user', client_id: APP, scope, issuer })

/** The rows of one provider: its answer about a good token, with one difference each. */
const rowsOf =
  (provider: string, prefix: string, good: () => Members) =>
  (
    id: string,
    change: Change,
    expect: Expectation,
    answer: IssuerAnswer | (() => IssuerAnswer) = {},
  ): CaseRow => ({
    id: `${provider}/${id}`,
    request: (world) =>
      withToken(
        world.opaque.issue(prefix, {
          json: { ...good(), ...changeAt(now(), change) },
          ...(typeof answer === 'function' ? answer() : answer),
        }),
      ),
    expect,
  })

const GITHUB = () => ({
  id: 1,
  url: 'https://api.github.com/authorizations/1',
  scopes: ['repo', 'read'],
  token: 'gho_the-token-comes-back-in-the-answer',
  token_last_eight: 'e answer',
  app: { client_id: APP, name: 'acme', url: 'https://acme.example' },
  created_at: '2026-09-20T10:00:00Z',
  updated_at: '2026-09-20T10:00:00Z',
  expires_at: null,
  user: { login: 'ada', id: 1 },
})

const github = rowsOf('github', 'gho_', GITHUB)

const limitingGithub = rowsOf('github', 'ghs_', GITHUB)
const refusingGithub = rowsOf('github', 'ghr_', GITHUB)

const google = rowsOf('google', 'ya29.', () => ({
  azp: APP,
  aud: APP,
  sub: '108120000000000000000',
  scope: 'openid read',
  exp: String(now() + 600),
  expires_in: '600',
  access_type: 'online',
}))

const DEBUGGED = () => ({
  app_id: APP,
  type: 'USER',
  application: 'acme',
  data_access_expires_at: 0,
  expires_at: now() + 600,
  is_valid: true,
  issued_at: now() - 5,
  scopes: ['email', 'read'],
  granular_scopes: [],
  user_id: '10215241773831025',
})

const facebookData = rowsOf('facebook', 'EAA', DEBUGGED)
const limitingFacebook = rowsOf('facebook', 'EAC', DEBUGGED)
const refusingFacebook = rowsOf('facebook', 'EAB', DEBUGGED)
const facebook = (id: string, change: Change, expect: Expectation): CaseRow =>
  facebookData(id, {}, expect, () => ({ json: { data: { ...DEBUGGED(), ...changeAt(now(), change) } } }))

const gitlab = rowsOf('gitlab', 'gl_', () => ({
  resource_owner_id: 1,
  scope: ['api', 'read'],
  expires_in: 7_200,
  application: { uid: APP },
  created_at: now() - 5,
  scopes: ['api'],
  expires_in_seconds: 7_200,
}))

const invalid = (code: number, more: Members = {}) => ({
  is_valid: false,
  error: { code, message: 'Error validating access token', subcode: 463 },
  scopes: [],
  ...more,
})

/** Faults that every provider may have. */
const faultsOf = (provider: string, prefix: string): readonly CaseRow[] => {
  const fault = (id: string, answer: IssuerAnswer, code: FailureCode, start = prefix): CaseRow => ({
    id: `${provider}/${id}`,
    request: (world) => withToken(world.opaque.issue(start, answer)),
    expect: unavailable(code),
  })
  return [
    fault('answers 500', { status: 500 }, 'introspection_status'),
    fault('answers 204', { status: 204, body: '' }, 'introspection_empty'),
    fault('answers 200 and nothing', { body: '' }, 'introspection_empty'),
    fault('answers HTML', { type: 'text/html', body: '<html>' }, 'introspection_not_json'),
    fault('answers too much', { json: { filler: 'x'.repeat(70_000) } }, 'introspection_too_large'),
    fault('answers half an object', { body: '{"aud":' }, 'introspection_malformed'),
    fault('answers with a redirect', { location: 'http://127.0.0.1:9/' }, 'introspection_redirect'),
    fault('is down', {}, 'introspection_unreachable', `${provider}-down_`),
    fault('does not answer', { hangs: true }, 'introspection_timeout', `${provider}-slow_`),
  ]
}

export const PROVIDER_ROWS: readonly CaseRow[] = [
  ...faultsOf('github', 'gho_'),
  ...faultsOf('google', 'ya29.'),
  ...faultsOf('facebook', 'EAA'),
  ...faultsOf('gitlab', 'gl_'),
  github('a token of our app', {}, identity('github', '1', 'repo read')),
  github('a token of another app', { app: { client_id: 'app-2' } }, refused('audience_mismatch')),
  github('no app', { app: undefined }, unavailable('introspection_malformed')),
  github('an app without client_id', { app: { name: 'acme' } }, unavailable('introspection_malformed')),
  github('404', {}, refused('token_inactive'), { status: 404, json: { message: 'Not Found' } }),
  github('422', {}, unavailable('introspection_status'), { status: 422 }),
  refusingGithub('401', {}, unavailable('introspection_credentials_refused'), { status: 401 }),
  refusingGithub('a good token after a 401', {}, unavailable('introspection_held')),
  limitingGithub('a good token before a limit', {}, identity('hub-limiting', '1', 'repo read')),
  limitingGithub('403, the allowance used up', {}, unavailable('introspection_rate_limited'), () => ({
    status: 403,
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now() + 3_000) },
  })),
  limitingGithub('a good token after a limit', {}, unavailable('introspection_held')),
  github('expired', { expires_at: '2026-01-01T00:00:00Z' }, refused('token_expired')),
  github('expires_at is no time', { expires_at: 'soon' }, unavailable('introspection_malformed')),
  github('no scopes, as of a GitHub App', { scopes: [] }, LACKING),
  github('scopes that are no list', { scopes: 'read' }, unavailable('introspection_malformed')),
  github('scopes with a number', { scopes: ['read', 1] }, unavailable('introspection_malformed')),
  github('two scopes in one', { scopes: ['repo read'] }, unavailable('introspection_malformed')),
  github('a user whose id is no identifier', { user: { id: {} } }, unavailable('introspection_malformed')),
  github('no user', { user: null }, refused('claim_missing')),

  google('a token of our app', {}, identity('google', '108120000000000000000', 'openid read')),
  google(
    'a token of our other app',
    { aud: 'app-2', azp: 'app-2' },
    allow({
      subject: '108120000000000000000',
      principal: 'user',
      client_id: 'app-2',
      scope: 'openid read',
      issuer: 'google',
    }),
  ),
  google('a token of another app', { aud: 'app-3' }, refused('audience_mismatch')),
  google('no aud', { aud: undefined }, unavailable('introspection_malformed')),
  google('no exp', { exp: undefined }, unavailable('introspection_malformed')),
  google('exp is no number', { exp: 'soon' }, unavailable('introspection_malformed')),
  google('exp past', (now) => ({ exp: String(now - 600) }), refused('token_expired')),
  google('another scope', { scope: 'openid' }, LACKING),
  google('400', {}, refused('token_inactive'), { status: 400, json: { error: 'invalid_token' } }),
  google('a member twice', {}, unavailable('introspection_malformed'), {
    body: `{"aud":"${APP}","aud":"${APP}"}`,
  }),

  facebook('a token of our app', {}, identity('facebook', '10215241773831025', 'email read')),
  facebook('never expires', { expires_at: 0 }, identity('facebook', '10215241773831025', 'email read')),
  facebook('a token of another app', { app_id: '138483919580949' }, refused('audience_mismatch')),
  facebook('an app id that is a number', { app_id: 138_483 }, refused('audience_mismatch')),
  facebook('no app id', { app_id: undefined }, unavailable('introspection_malformed')),
  facebook('not valid, with status 200', invalid(190), refused('token_inactive')),
  facebook('not valid, everything else good', { is_valid: false }, refused('token_inactive')),
  facebook('is_valid as a text', { is_valid: 'true' }, unavailable('introspection_malformed')),
  facebook('no is_valid', { is_valid: undefined }, unavailable('introspection_malformed')),
  facebook('a service error below data, with status 200', invalid(2), unavailable('introspection_status')),
  limitingFacebook('call limit, with status 200', {}, unavailable('introspection_rate_limited'), () => ({
    json: { data: { ...DEBUGGED(), ...invalid(4) } },
  })),
  limitingFacebook('a good token after a call limit', {}, unavailable('introspection_held'), () => ({
    json: { data: DEBUGGED() },
  })),
  facebook('a token of a page', { type: 'PAGE' }, refused('token_inactive')),
  facebook('expired', (now) => ({ expires_at: now - 600 }), refused('token_expired')),
  facebook('another scope', { scopes: ['email'] }, LACKING),
  facebookData('no data', {}, unavailable('introspection_malformed'), { json: {} }),
  facebookData('an error with status 200', {}, unavailable('introspection_malformed'), {
    json: { error: { code: 3 } },
  }),
  facebookData('an error that passes, with status 200', {}, unavailable('introspection_status'), {
    json: { error: { code: 2 } },
  }),
  refusingFacebook('our own token is refused', {}, unavailable('introspection_credentials_refused'), {
    status: 400,
    json: { error: { code: 190, type: 'OAuthException' } },
  }),
  refusingFacebook('a good token after our own was refused', {}, unavailable('introspection_held'), () => ({
    json: { data: DEBUGGED() },
  })),
  facebookData('another error', {}, unavailable('introspection_status'), {
    status: 400,
    json: { error: { code: 2 } },
  }),

  gitlab('a token of our app', {}, identity('gitlab', '1', 'api read')),
  gitlab('a token of another app', { application: { uid: 'app-2' } }, refused('audience_mismatch')),
  gitlab('no application', { application: undefined }, unavailable('introspection_malformed')),
  gitlab('no uid', { application: {} }, unavailable('introspection_malformed')),
  gitlab('nothing about an owner', { resource_owner_id: undefined }, unavailable('introspection_malformed')),
  gitlab(
    'nobody owns it',
    { resource_owner_id: null },
    allow({ subject: APP, principal: 'client', client_id: APP, scope: 'api read', issuer: 'gitlab' }),
  ),
  gitlab('no seconds left', { expires_in: -60, expires_in_seconds: -60 }, refused('token_expired')),
  gitlab(
    'never expires',
    { expires_in: null, expires_in_seconds: null },
    identity('gitlab', '1', 'api read'),
  ),
  gitlab('another scope', { scope: ['api'] }, LACKING),
  gitlab('401', {}, refused('token_inactive'), { status: 401, json: { error: 'invalid_token' } }),
  gitlab('404', {}, unavailable('introspection_status'), { status: 404 }),
  gitlab('an array', {}, unavailable('introspection_malformed'), { json: [] }),
]
