// The admin endpoint of the store, for operators: one credential adds and removes entries, another one reads them. It
// is off unless it is configured. No access token authenticates anybody here, and no answer may be cached. Refuses to
// write for a credential that reads as well.

import {
  createCredentialCheck,
  toEntries,
  toNames,
  type EntryName,
  type NewEntry,
  type Ports,
  type RequestProblem,
  type RevocableIssuer,
  type RevocationStore,
  type SecretRef,
  type WaitUntil,
} from '../../../shared/edge.ts'
import { answer, malformed, NOT_FOUND, refuse, UNAVAILABLE, unauthenticated } from './admin-answer.ts'
import { readAsked, type Asked } from './admin-body.ts'
import type { StoreConfig } from './store-config.ts'

export interface AdminSettings {
  /** `null`: not configured. */
  readonly admin: StoreConfig['revocation']['admin']
  readonly issuers: readonly RevocableIssuer[]
  readonly store: RevocationStore
  readonly ports: Pick<Ports, 'now' | 'report' | 'secrets'>
}

export interface Admin {
  /** Answers a request. Never rejects. */
  fetch(
    request: Request,
    env?: unknown,
    context?: { waitUntil(work: Promise<unknown>): void },
  ): Promise<Response>
}

const PROBLEMS: Readonly<Record<RequestProblem, string>> = {
  kind_unknown: '"kind" is none of those that can be revoked.',
  issuer_unknown: '"issuer" is not in the configuration that this store was built from.',
  issuer_missing: '"issuer" is missing, and several issuers are configured.',
  id_missing: '"id" is missing.',
  id_unwanted: '"id" is not for the kind "issuer".',
  id_malformed: '"id" or "sub" is no value of a claim, or "id" is no digest of 43 characters.',
  time_malformed: 'A time has to be a number of seconds since the epoch.',
  time_in_future: '"before" is in the future; tokens that are not issued yet cannot be revoked.',
  expiry_unwanted: '"expiresAt" is for the kinds "jti" and "token".',
  token_expired: '"expiresAt" has passed, so every edge refuses the token already.',
  no_tenants: 'Tokens of this issuer name no tenant.',
}

interface Problem {
  readonly problem: RequestProblem
}

/** The items of all lists, or the first problem. */
function join<Item>(lists: readonly (readonly Item[] | Problem)[]): readonly Item[] | Problem {
  const problem = lists.find((list): list is Problem => 'problem' in list)
  return problem ?? (lists as readonly (readonly Item[])[]).flat()
}

/** Whether a credential is one of some secrets. `null`: it is none of those that could be loaded. */
type FindCredential = (given: string, waitUntil?: WaitUntil) => Promise<boolean | null>

function createFinder(
  path: string,
  refs: readonly SecretRef[],
  ports: AdminSettings['ports'],
): FindCredential {
  const checks = refs.map((ref, index) =>
    createCredentialCheck(refs.length === 1 ? path : `${path}[${index}]`, ref, 'fingerprint_key', ports),
  )
  return async (given, waitUntil) => {
    const results = await Promise.all(checks.map((isCredential) => isCredential(given, waitUntil)))
    if (results.includes(true)) return true
    return results.every((result) => result === false) ? false : null
  }
}

type CheckCredential = (request: Request, waitUntil?: WaitUntil) => Promise<Response | null>

/** Checks the credential of a request. `null`: it is valid. `findMisuse`: why one that is known is refused. */
function createCheck(
  find: FindCredential,
  findMisuse: (given: string, waitUntil?: WaitUntil) => Promise<Response | null> = async () => null,
): CheckCredential {
  return async ({ headers }, waitUntil) => {
    const field = headers.get('authorization')
    const [, given] = /^bearer +([\x21-\x7e]+)$/i.exec(field ?? '') ?? []
    if (given === undefined) return unauthenticated(field !== null)
    const isKnown = await find(given, waitUntil)
    if (isKnown === null) return UNAVAILABLE('A credential cannot be loaded.')
    return isKnown ? findMisuse(given, waitUntil) : unauthenticated(true)
  }
}

const toShown = ({ kind, issuer, id, notBefore, until }: NewEntry) => ({ kind, issuer, id, notBefore, until })

const toShownName = ({ kind, issuer, id }: EntryName) => ({ kind, issuer, id })

/** Pages are named by the store: hexadecimal digits of a key, or a number. */
const PAGES = { '/revocations': /^[0-9a-f]{64}$/, '/records': /^[1-9]\d{0,14}$/ } as const

/** Creates the admin endpoint. It loads no secret yet. */
export function createAdmin({ admin, issuers, store, ports }: AdminSettings): Admin {
  if (admin === null) return { fetch: async () => NOT_FOUND() }

  async function revoke({ requests, author }: Asked): Promise<Response> {
    const now = Math.floor(ports.now() / 1000)
    const entries = join(requests.map((request) => toEntries(request, issuers, now)))
    if ('problem' in entries) return malformed(PROBLEMS[entries.problem])
    const outcomes = await store.revoke(entries, author)
    return answer(outcomes.includes('full') ? 507 : 200, { outcomes, entries: entries.map(toShown) })
  }

  async function unrevoke({ requests, author }: Asked): Promise<Response> {
    const names = join(requests.map((request) => toNames(request, issuers)))
    if ('problem' in names) return malformed(PROBLEMS[names.problem])
    return answer(200, { removed: await store.unrevoke(names, author), entries: names.map(toShownName) })
  }

  const writing = (work: (asked: Asked) => Promise<Response>) => async (request: Request) => {
    const asked = await readAsked(request)
    return asked instanceof Response ? asked : work(asked)
  }

  const reading =
    (path: keyof typeof PAGES, read: (page: string | null) => Promise<object>) =>
    async (request: Request) => {
      const page = new URL(request.url).searchParams.get('page')
      if (page !== null && !PAGES[path].test(page)) return malformed('"page" is none that was named before.')
      return answer(200, await read(page))
    }

  const listers = createFinder('revocation.admin.list', admin.list, ports)

  /** The configuration names two secrets. If they have the same value, whoever may read could write. */
  async function refuseLister(given: string, waitUntil?: WaitUntil): Promise<Response | null> {
    if ((await listers(given, waitUntil)) !== true) return null
    ports.report({
      event: 'secret',
      outcome: 'failed',
      secret: 'revocation.admin.revoke',
      code: 'same_as_list',
    })
    return UNAVAILABLE('The credential is that of "list" as well; give each a value of its own.')
  }

  const mayRevoke = createCheck(createFinder('revocation.admin.revoke', admin.revoke, ports), refuseLister)
  const mayList = createCheck(listers)
  const routes = new Map([
    ['/revoke', { method: 'POST', check: mayRevoke, handle: writing(revoke) }],
    ['/unrevoke', { method: 'POST', check: mayRevoke, handle: writing(unrevoke) }],
    [
      '/revocations',
      { method: 'GET', check: mayList, handle: reading('/revocations', (page) => store.list(page)) },
    ],
    [
      '/records',
      { method: 'GET', check: mayList, handle: reading('/records', (page) => store.records(page)) },
    ],
  ])

  async function handle(request: Request, waitUntil: WaitUntil | undefined): Promise<Response> {
    const route = routes.get(new URL(request.url).pathname)
    if (route === undefined) return NOT_FOUND()
    const { method } = route
    if (request.method !== method)
      return refuse(405, 'invalid_request', `The method has to be ${method}.`, { allow: method })
    return (await route.check(request, waitUntil)) ?? (await route.handle(request))
  }

  return {
    async fetch(request, _env, context) {
      try {
        return await handle(request, context && ((work) => context.waitUntil(work)))
      } catch {
        ports.report({ event: 'revocation', outcome: 'failed', code: 'store_unavailable' })
        return UNAVAILABLE('The store cannot be reached.')
      }
    },
  }
}
